package dev.dunlin.slirp.service;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.udp.LocalPorts;
import dev.dunlin.slirp.udp.UdpOutput;
import dev.dunlin.slirp.udp.UdpService;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.TftpPacket;
import dev.dunlin.slirp.wire.UdpView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A read-only TFTP server on the gateway (RFC 1350). Each transfer has a port of its own, as the
 * standard wants; libslirp answers from port 69.
 *
 * <p>Bound: {@link #MOST_SESSIONS} transfers; the next client is told to come again, where libslirp
 * leaves it without an answer. A dead transfer ends after six tries.
 */
public final class TftpServer implements UdpService, Timed {
  public static final int PORT = 69;
  public static final int MOST_SESSIONS = 20;
  private static final int FIRST_PORT = 49_152;
  private static final int HEADERS = 20 + UdpView.LENGTH + 4;
  private static final int LONGEST_REQUEST = 1024;

  private final List<TftpSession> sessions = new ArrayList<>();
  private final IpAddr address;
  private final FileSource files;
  private final LocalPorts ports;
  private final FramePool pool;
  private final UdpOutput output;
  private final RandomGenerator random;
  private final DropCounters drops;
  private final int largestBlock;
  private long now;

  /** Binds port 69 of {@code address}. */
  public TftpServer(
      IpAddr address,
      FileSource files,
      int mtu,
      LocalPorts ports,
      FramePool pool,
      UdpOutput output,
      RandomGenerator random,
      DropCounters drops) {
    this.address = address;
    this.files = files;
    this.largestBlock = Math.max(TftpOptions.DEFAULT_BLOCK_SIZE, mtu - HEADERS);
    this.ports = ports;
    this.pool = pool;
    this.output = output;
    this.random = random;
    this.drops = drops;
    ports.bind(address, PORT, this);
  }

  /** A request to port 69. */
  @Override
  public void receive(Frame frame, UdpView udp, IpAddr source, IpAddr destination, long at) {
    now = at;
    int guestPort = udp.sourcePort();
    Optional<TftpPacket> packet =
        udp.payloadLength() > LONGEST_REQUEST
            ? Optional.empty()
            : TftpPacket.parse(frame.slice(udp.payload(), udp.payloadLength()));
    frame.release();
    if (packet.isPresent() && packet.get() instanceof TftpPacket.Request request) {
      request(request, source, guestPort);
      return;
    }
    drops.count(DropReason.TFTP_MALFORMED);
    boolean mayAnswer = packet.isEmpty() || !(packet.get() instanceof TftpPacket.Failure);
    if (mayAnswer) {
      refuse(PORT, source, guestPort, TftpPacket.ERROR_ILLEGAL, "Illegal TFTP operation");
    }
  }

  private void request(TftpPacket.Request request, IpAddr guest, int guestPort) {
    Optional<TftpSession> running = find(guest, guestPort);
    if (running.isPresent()
        && running.get().isFresh()
        && running.get().file.equals(request.file())) {
      running.get().repeat(now);
      return;
    }
    running.ifPresent(this::end);
    try {
      open(request, guest, guestPort);
    } catch (FileSource.Denied e) {
      refuse(PORT, guest, guestPort, e.code(), String.valueOf(e.getMessage()));
    }
  }

  private void open(TftpPacket.Request request, IpAddr guest, int guestPort)
      throws FileSource.Denied {
    if (request.write()) {
      throw new FileSource.Denied(TftpPacket.ERROR_ACCESS, "Access violation: read only");
    }
    if (!request.mode().equals("octet")) {
      throw new FileSource.Denied(TftpPacket.ERROR_ILLEGAL, "Unsupported transfer mode");
    }
    if (sessions.size() >= MOST_SESSIONS) {
      drops.count(DropReason.TFTP_BOUND);
      throw new FileSource.Denied(TftpPacket.ERROR_UNDEFINED, "Too many transfers, try again");
    }
    FileSource.OpenFile source = files.open(request.file());
    try {
      TftpOptions options = TftpOptions.negotiate(request.options(), source.size(), largestBlock);
      begin(
          new TftpSession(
              guest, guestPort, freePort(), request.file(), source, options, this::send));
    } catch (FileSource.Denied e) {
      source.close();
      throw e;
    }
  }

  private void begin(TftpSession session) {
    sessions.add(session);
    ports.bind(
        address,
        session.port,
        (frame, udp, source, destination, at) -> {
          now = at;
          inSession(session, frame, udp, source);
        });
    session.start(now);
    reap();
  }

  /** A packet to a transfer's own port. */
  private void inSession(TftpSession session, Frame frame, UdpView udp, IpAddr source) {
    int guestPort = udp.sourcePort();
    Optional<TftpPacket> packet = TftpPacket.parse(frame.slice(udp.payload(), udp.payloadLength()));
    frame.release();
    if (!source.equals(session.guest) || guestPort != session.guestPort) {
      // RFC 1350 section 4: tell the stranger, leave the transfer alone.
      drops.count(DropReason.TFTP_UNKNOWN_SESSION);
      if (packet.isPresent() && !(packet.get() instanceof TftpPacket.Failure)) {
        refuse(
            session.port, source, guestPort, TftpPacket.ERROR_UNKNOWN_TID, "Unknown transfer ID");
      }
      return;
    }
    if (packet.isPresent() && packet.get() instanceof TftpPacket.Ack ack) {
      session.acknowledge(ack.block(), now);
    } else if (packet.isPresent() && packet.get() instanceof TftpPacket.Failure) {
      session.finish();
    } else {
      drops.count(DropReason.TFTP_MALFORMED);
    }
    reap();
  }

  private Optional<TftpSession> find(IpAddr guest, int guestPort) {
    return sessions.stream()
        .filter(session -> session.guest.equals(guest) && session.guestPort == guestPort)
        .findFirst();
  }

  private int freePort() {
    // Ends: there are a thousand times more ports than sessions.
    int port;
    do {
      port = FIRST_PORT + random.nextInt(65_536 - FIRST_PORT);
    } while (!ports.isFree(address, port));
    return port;
  }

  private void send(TftpSession session, TftpPacket packet) {
    transmit(session.port, session.guest, session.guestPort, packet);
  }

  private void refuse(int port, IpAddr guest, int guestPort, int code, String message) {
    transmit(port, guest, guestPort, new TftpPacket.Failure(code, message));
  }

  private void transmit(int port, IpAddr guest, int guestPort, TftpPacket packet) {
    int block = packet instanceof TftpPacket.Data data ? data.data().remaining() : 0;
    Frame frame = pool.take(Math.max(block, TftpOptions.DEFAULT_BLOCK_SIZE) + HEADERS);
    if (frame == null) {
      drops.count(DropReason.NO_FRAME);
      return;
    }
    TftpPacket.emit(frame, packet);
    output.send(frame, address, port, guest, guestPort, now);
  }

  private void end(TftpSession session) {
    session.finish();
    reap();
  }

  /** Forgets the transfers that ended. */
  private void reap() {
    Iterator<TftpSession> all = sessions.iterator();
    while (all.hasNext()) {
      TftpSession session = all.next();
      if (session.isFinished()) {
        all.remove();
        ports.unbind(address, session.port);
      }
    }
  }

  /** Transfers under way. */
  public int size() {
    return sessions.size();
  }

  @Override
  public long delay(long at) {
    long shortest = IDLE;
    for (TftpSession session : sessions) {
      shortest = Math.min(shortest, session.delay(at));
    }
    return shortest;
  }

  @Override
  public void onTime(long at) {
    now = at;
    List.copyOf(sessions).forEach(session -> session.onTime(at));
    reap();
  }

  /** Ends every transfer and gives the port back. */
  public void close() {
    sessions.forEach(TftpSession::finish);
    reap();
    ports.unbind(address, PORT);
  }
}
