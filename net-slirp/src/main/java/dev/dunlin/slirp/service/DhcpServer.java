package dev.dunlin.slirp.service;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.link.Neighbours;
import dev.dunlin.slirp.udp.UdpOutput;
import dev.dunlin.slirp.udp.UdpService;
import dev.dunlin.slirp.wire.DhcpMessage;
import dev.dunlin.slirp.wire.DhcpOption;
import dev.dunlin.slirp.wire.DhcpOptions;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.UdpView;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * DHCP (RFC 2131) and plain BOOTP (RFC 951) for the guests of one network. The server is
 * authoritative: a request that it can't grant gets a NAK, so a guest that comes from another
 * network starts over at once.
 */
public final class DhcpServer implements UdpService {
  public static final int SERVER_PORT = 67;
  public static final int CLIENT_PORT = 68;

  /** RFC 2131: what every client must take, IP and UDP headers included. */
  private static final int SMALLEST_MAXIMUM = 576;

  private static final int IP_UDP_HEADERS = 28;

  private final DhcpConfig config;
  private final DhcpReply replies;
  private final DhcpLeases leases;
  private final Neighbours neighbours;
  private final FramePool pool;
  private final UdpOutput output;
  private final DropCounters drops;

  public DhcpServer(
      DhcpConfig config,
      Neighbours neighbours,
      FramePool pool,
      UdpOutput output,
      DropCounters drops) {
    this.config = config;
    this.replies = new DhcpReply(config);
    this.leases = new DhcpLeases(config.net(), config.start());
    this.neighbours = neighbours;
    this.pool = pool;
    this.output = output;
    this.drops = drops;
  }

  @Override
  public void receive(Frame frame, UdpView udp, IpAddr source, IpAddr destination, long now) {
    Optional<DhcpMessage> message =
        DhcpMessage.parse(frame.bytes(), udp.payload(), udp.payload() + udp.payloadLength())
            .filter(DhcpServer::isForUs);
    frame.release();
    if (message.isEmpty()) {
      drops.count(DropReason.DHCP_MALFORMED);
      return;
    }
    handle(message.get(), now);
  }

  /** From a client itself (no relay), on Ethernet. */
  private static boolean isForUs(DhcpMessage message) {
    return message.op == DhcpMessage.BOOT_REQUEST
        && message.isEthernet()
        && message.relayAddress == 0
        && !Mac.isGroup(message.mac());
  }

  private void handle(DhcpMessage message, long now) {
    switch (message.type()) {
      case DhcpMessage.DISCOVER -> discover(message, now);
      case DhcpMessage.REQUEST -> request(message, now);
      case DhcpMessage.INFORM -> inform(message, now);
      case DhcpMessage.RELEASE -> {
        if (isAddressed(message)) {
          leases.release(message.clientAddress, message.mac(), now);
        }
      }
      case DhcpMessage.DECLINE -> {
        OptionalInt declined = message.options.quad(DhcpOption.REQUESTED_ADDRESS);
        if (isAddressed(message) && declined.isPresent()) {
          leases.decline(declined.getAsInt(), message.mac(), now);
          neighbours.forget(declined.getAsInt());
        }
      }
      case 0 -> bootp(message, now);
      default -> drops.count(DropReason.DHCP_MALFORMED);
    }
  }

  private void discover(DhcpMessage message, long now) {
    OptionalInt address = offer(message, now);
    if (address.isEmpty()) {
      return;
    }
    if (message.options.has(DhcpOption.RAPID_COMMIT)) {
      // RFC 4039: the lease at once, in two messages instead of four.
      DhcpMessage ack = grant(message, address.getAsInt(), now);
      ack.options.put(DhcpOption.RAPID_COMMIT);
      send(message, ack, now);
      return;
    }
    DhcpMessage offer = replies.reply(message, DhcpMessage.OFFER);
    offer.yourAddress = address.getAsInt();
    replies.addLease(offer);
    replies.addConfiguration(message, offer);
    send(message, offer, now);
  }

  private OptionalInt offer(DhcpMessage message, long now) {
    long mac = message.mac();
    OptionalInt wish = message.options.quad(DhcpOption.REQUESTED_ADDRESS);
    OptionalInt address = leases.offer(mac, wish, neighbours::macOf, now);
    if (address.isEmpty()) {
      drops.count(DropReason.DHCP_BOUND);
    }
    return address;
  }

  /** RFC 2131 section 4.3.2, its four cases. */
  private void request(DhcpMessage message, long now) {
    OptionalInt requested = message.options.quad(DhcpOption.REQUESTED_ADDRESS);
    if (!isAddressed(message)) {
      leases.refuse(message.mac(), now); // SELECTING, and another server was selected
      return;
    }
    int address = requested.orElse(message.clientAddress);
    if (address == 0) {
      drops.count(DropReason.DHCP_MALFORMED);
    } else if (leases.bind(address, message.mac(), now)) {
      send(message, grant(message, address, now), now);
    } else {
      send(message, replies.refusal(message), now);
    }
  }

  /** Without a server identifier a message is for every server. */
  private boolean isAddressed(DhcpMessage message) {
    OptionalInt server = message.options.quad(DhcpOption.SERVER_ID);
    return server.isEmpty() || server.getAsInt() == config.net().gateway().v4();
  }

  private DhcpMessage grant(DhcpMessage message, int address, long now) {
    leases.bind(address, message.mac(), now);
    neighbours.learn(address, message.mac(), now);
    DhcpMessage ack = replies.reply(message, DhcpMessage.ACK);
    ack.clientAddress = message.clientAddress;
    ack.yourAddress = address;
    replies.addLease(ack);
    replies.addConfiguration(message, ack);
    return ack;
  }

  /** RFC 2131 section 4.3.5: configuration for a guest that has its address from elsewhere. */
  private void inform(DhcpMessage message, long now) {
    if (!config.net().isGuest(message.clientAddress)) {
      drops.count(DropReason.DHCP_MALFORMED);
      return;
    }
    DhcpMessage ack = replies.reply(message, DhcpMessage.ACK);
    ack.clientAddress = message.clientAddress;
    replies.addConfiguration(message, ack);
    send(message, ack, now);
  }

  /** A BOOTP client asks once and keeps what it gets (RFC 1534). */
  private void bootp(DhcpMessage message, long now) {
    OptionalInt address = offer(message, now);
    if (address.isEmpty()) {
      return;
    }
    leases.bind(address.getAsInt(), message.mac(), now);
    neighbours.learn(address.getAsInt(), message.mac(), now);
    DhcpMessage reply = replies.bootReply(message);
    reply.yourAddress = address.getAsInt();
    send(message, reply, now);
  }

  /** RFC 2131 section 4.1 decides where an answer goes. */
  private void send(DhcpMessage message, DhcpMessage reply, long now) {
    byte[] packet = reply.emit(limit(message));
    Frame frame = pool.take(packet.length + IP_UDP_HEADERS);
    if (frame == null) {
      drops.count(DropReason.NO_FRAME);
      return;
    }
    frame.append(ByteBuffer.wrap(packet));
    IpAddr us = config.net().gateway();
    boolean refusal = reply.type() == DhcpMessage.NAK;
    if (!refusal && message.clientAddress != 0) {
      neighbours.learn(message.clientAddress, message.mac(), now);
      IpAddr client = IpAddr.v4(message.clientAddress);
      output.send(frame, us, SERVER_PORT, client, CLIENT_PORT, now);
    } else if (refusal || message.wantsBroadcast()) {
      output.send(frame, us, SERVER_PORT, IpAddr.BROADCAST_V4, CLIENT_PORT, now);
    } else {
      IpAddr client = IpAddr.v4(reply.yourAddress);
      output.sendTo(message.mac(), frame, us, SERVER_PORT, client, CLIENT_PORT);
    }
  }

  private int limit(DhcpMessage message) {
    int wanted = message.options.word(DhcpOption.MAX_MESSAGE_SIZE).orElse(SMALLEST_MAXIMUM);
    int taken = Math.max(SMALLEST_MAXIMUM, Math.min(wanted, config.mtu()));
    return taken - IP_UDP_HEADERS;
  }

  /** The leases held now. */
  public List<DhcpLeases.Lease> leases(long now) {
    return leases.held(now);
  }

  /**
   * Takes a lease over from a saved state; false when the address isn't of this server's pool or is
   * another's.
   */
  public boolean restore(IpAddr address, long mac, long now) {
    return address.isV4() && !Mac.isGroup(mac) && leases.bind(address.v4(), mac, now);
  }

  /** Goes on with the leases of a saved state in the place of its own. */
  public void replaceLeases(List<DhcpLeases.Lease> saved, long now) {
    leases.replace(saved, now);
  }

  /** Seconds that option 51 says. */
  static int leaseSeconds() {
    return (int) TimeUnit.NANOSECONDS.toSeconds(DhcpLeases.LEASE_TIME);
  }

  /** How many addresses there are to lease. */
  public int poolSize() {
    return leases.poolSize();
  }

  /** Whether the client asked for the option by name (no list asks for none by name). */
  static boolean asksFor(DhcpOptions options, int option) {
    return options.has(DhcpOption.PARAMETER_LIST) && options.requests(option);
  }
}
