package dev.dunlin.slirp.saved;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.ModuleStateException;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.saved.SavedNetwork.Forward;
import dev.dunlin.slirp.saved.SavedNetwork.GuestForward;
import dev.dunlin.slirp.saved.SavedNetwork.Neighbour;
import dev.dunlin.slirp.service.DhcpLeases.Lease;
import dev.dunlin.slirp.tcp.SavedFlow;
import dev.dunlin.slirp.tcp.TcpState;
import dev.dunlin.slirp.wire.IpAddr;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A saved network as bytes; numbers are big-endian, an address has sixteen bytes (an IPv4 one as
 * RFC 4291 section 2.5.5.2 maps it).
 *
 * <pre>
 *   u8   format, 1
 *   16   origin
 *   addr network; be32 mask
 *   be16 next IP identification
 *   be32 leases:         addr, be48 mac, be64 nanoseconds left
 *   be32 neighbours:     addr, be48 mac
 *   be32 forwards:       u8 kind (0 TCP, 1 UDP: addr, be16 port; 2 unix: be16 length, path),
 *                        addr guest, be16 port
 *   be32 guest forwards: addr, be16 port
 *   be32 flows:          u8 state, addr guest, be16 port, addr remote, be16 port,
 *                        be32 sequence, be32 acknowledged, be32 acknowledgment
 * </pre>
 *
 * <p>Reading checks what can be seen without the network: lengths, counts, ports, states. Nothing
 * is allocated that the bytes themselves don't pay for.
 */
public final class NetworkCodec {
  private static final byte FORMAT = 1;
  private static final byte TCP = 0;
  private static final byte UDP = 1;
  private static final byte UNIX = 2;
  private static final int ADDRESS = 16;
  private static final int LONGEST_PATH = 107;

  /** Codes of the states, from 1: the order is part of the format. */
  private static final ImmutableList<TcpState> STATES =
      ImmutableList.of(
          TcpState.SYN_SENT,
          TcpState.SYN_RECEIVED,
          TcpState.ESTABLISHED,
          TcpState.FIN_WAIT_1,
          TcpState.FIN_WAIT_2,
          TcpState.CLOSE_WAIT,
          TcpState.CLOSING,
          TcpState.LAST_ACK);

  private NetworkCodec() {}

  // ---- writing ----

  public static byte[] encode(SavedNetwork saved) {
    ByteBuffer out = ByteBuffer.allocate(bound(saved));
    out.put(FORMAT);
    out.putLong(saved.origin().getMostSignificantBits());
    out.putLong(saved.origin().getLeastSignificantBits());
    put(out, saved.network()).putInt(saved.mask()).putShort((short) saved.nextId());
    out.putInt(saved.leases().size());
    saved
        .leases()
        .forEach(each -> putMac(put(out, each.address()), each.mac()).putLong(each.nanosLeft()));
    out.putInt(saved.neighbours().size());
    saved.neighbours().forEach(each -> putMac(put(out, each.address()), each.mac()));
    out.putInt(saved.forwards().size());
    saved.forwards().forEach(each -> put(out, each));
    out.putInt(saved.guestForwards().size());
    saved.guestForwards().forEach(each -> put(out, each.server()).putShort((short) each.port()));
    out.putInt(saved.flows().size());
    saved.flows().forEach(each -> put(out, each));
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  private static int bound(SavedNetwork saved) {
    return 64
        + 32 * (saved.leases().size() + saved.neighbours().size() + saved.guestForwards().size())
        + (2 * ADDRESS + LONGEST_PATH + 8) * saved.forwards().size()
        + 64 * saved.flows().size();
  }

  private static ByteBuffer put(ByteBuffer out, IpAddr address) {
    return out.putLong(address.hi()).putLong(address.lo());
  }

  private static ByteBuffer putMac(ByteBuffer out, long mac) {
    return out.putShort((short) (mac >>> 32)).putInt((int) mac);
  }

  private static void put(ByteBuffer out, Forward forward) {
    if (forward.endpoint() instanceof HostEndpoint.Unix unix) {
      byte[] path = unix.path().toString().getBytes(UTF_8);
      out.put(UNIX).putShort((short) path.length).put(path);
    } else if (forward.endpoint() instanceof HostEndpoint.Tcp tcp) {
      putInet(out.put(TCP), tcp.address());
    } else if (forward.endpoint() instanceof HostEndpoint.Udp udp) {
      putInet(out.put(UDP), udp.address());
    }
    put(out, forward.guest()).putShort((short) forward.guestPort());
  }

  private static void putInet(ByteBuffer out, InetSocketAddress at) {
    put(out, IpAddr.of(at.getAddress())).putShort((short) at.getPort());
  }

  private static void put(ByteBuffer out, SavedFlow flow) {
    out.put((byte) (1 + STATES.indexOf(flow.state())));
    put(out, flow.guest()).putShort((short) flow.guestPort());
    put(out, flow.remote()).putShort((short) flow.remotePort());
    out.putInt(flow.sequence()).putInt(flow.acknowledged()).putInt(flow.acknowledgment());
  }

  // ---- reading ----

  /** Takes what any stream may hold. */
  public static SavedNetwork decode(byte[] bytes) throws ModuleStateException {
    Reader in = new Reader(bytes);
    int format = in.octet();
    if (format != FORMAT) {
      throw new ModuleStateException("a network of format " + format + " can't be read");
    }
    UUID origin = new UUID(in.number(), in.number());
    IpAddr network = in.address();
    int mask = in.word();
    int nextId = in.half();
    SavedNetwork saved =
        new SavedNetwork(
            origin,
            network,
            mask,
            nextId,
            in.list("leases", ADDRESS + 14, NetworkCodec::lease),
            in.list("neighbours", ADDRESS + 6, r -> new Neighbour(r.address(), r.mac())),
            in.list("forwards", ADDRESS + 5, NetworkCodec::forward),
            in.list("guest forwards", ADDRESS + 2, r -> new GuestForward(r.address(), r.port())),
            in.list("connections", 2 * ADDRESS + 17, NetworkCodec::flow));
    in.end();
    return saved;
  }

  private static Lease lease(Reader in) throws ModuleStateException {
    return new Lease(in.address(), in.mac(), in.number());
  }

  private static Forward forward(Reader in) throws ModuleStateException {
    int kind = in.octet();
    HostEndpoint endpoint =
        switch (kind) {
          case TCP ->
              new HostEndpoint.Tcp(new InetSocketAddress(in.address().toInetAddress(), in.port()));
          case UDP ->
              new HostEndpoint.Udp(new InetSocketAddress(in.address().toInetAddress(), in.port()));
          case UNIX -> new HostEndpoint.Unix(path(in));
          default -> throw new ModuleStateException("a forward of kind " + kind + " is unknown");
        };
    return new Forward(endpoint, in.address(), in.port());
  }

  private static Path path(Reader in) throws ModuleStateException {
    String text = new String(in.bytes(in.half()), UTF_8);
    if (!text.startsWith("/") || text.indexOf('\0') >= 0 || text.length() > LONGEST_PATH) {
      throw new ModuleStateException("a forward's path isn't one");
    }
    return Path.of(text);
  }

  private static SavedFlow flow(Reader in) throws ModuleStateException {
    int code = in.octet();
    if (code < 1 || code > STATES.size()) {
      throw new ModuleStateException("a connection's state " + code + " is unknown");
    }
    return new SavedFlow(
        STATES.get(code - 1),
        in.address(),
        in.port(),
        in.address(),
        in.port(),
        in.word(),
        in.word(),
        in.word());
  }
}
