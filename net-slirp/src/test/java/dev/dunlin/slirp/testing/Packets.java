package dev.dunlin.slirp.testing;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.ArpView;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.UdpView;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Frames as a guest at 10.0.2.15 would send them. */
public final class Packets {
  public static final IpAddr GUEST = IpAddr.parse("10.0.2.15");
  public static final IpAddr GATEWAY = IpAddr.parse("10.0.2.2");
  public static final IpAddr DNS = IpAddr.parse("10.0.2.3");
  public static final IpAddr OUTSIDE = IpAddr.parse("93.184.216.34");
  public static final long GUEST_MAC = 0x525400123456L;
  public static final long GATEWAY_MAC = VirtualNet.macOf(GATEWAY.v4());

  private Packets() {}

  /** An empty frame with room for anything. */
  public static Frame empty() {
    return Frame.unpooled(66_000);
  }

  /** A frame whose content is {@code data}, ready for headers. */
  public static Frame of(byte... data) {
    Frame frame = empty();
    frame.append(ByteBuffer.wrap(data));
    return frame;
  }

  /** Bytes that differ from each other and from run to run only by {@code seed}. */
  public static byte[] noise(int length, long seed) {
    byte[] data = new byte[length];
    new SplittableRandom(seed).nextBytes(data);
    return data;
  }

  /** The frame with the guest's Ethernet header toward the gateway. */
  public static Frame ethernet(Frame frame, int type) {
    EthernetView.prepend(frame, GATEWAY_MAC, GUEST_MAC, type);
    return frame;
  }

  public static Frame arp(int operation, int senderIp, int targetIp) {
    Frame frame = empty();
    ArpView.append(frame, operation, GUEST_MAC, senderIp, 0, targetIp);
    EthernetView.prepend(frame, Mac.BROADCAST, GUEST_MAC, EthernetView.TYPE_ARP);
    return frame;
  }

  /** An IPv4 packet without Ethernet. */
  public static Frame ip(Frame content, int protocol, IpAddr source, IpAddr destination, int ttl) {
    Ipv4View.prepend(content, 0, 4711, 0, ttl, protocol, source.v4(), destination.v4());
    return content;
  }

  public static Frame udp(IpAddr source, int sport, IpAddr destination, int dport, byte... data) {
    Frame frame = of(data);
    UdpView.prepend(frame, source, sport, destination, dport);
    frame.completeChecksum();
    frame.clearOffload();
    return ethernet(ip(frame, IpProtocol.UDP, source, destination, 64), EthernetView.TYPE_IPV4);
  }

  public static Frame echo(IpAddr destination, int id, int sequence, byte... data) {
    Frame frame = of(data);
    Icmpv4View.prepend(frame, Icmpv4View.ECHO_REQUEST, 0, id << 16 | sequence);
    return ethernet(ip(frame, IpProtocol.ICMP, GUEST, destination, 64), EthernetView.TYPE_IPV4);
  }

  /** One fragment of a datagram from the guest: {@code data} at {@code offset}. */
  public static Frame fragment(
      IpAddr destination, int protocol, int id, int offset, boolean more, byte... data) {
    Frame frame = of(data);
    Ipv4View.prepend(
        frame,
        0,
        id,
        offset >>> 3 | (more ? Ipv4View.MORE_FRAGMENTS : 0),
        64,
        protocol,
        GUEST.v4(),
        destination.v4());
    return ethernet(frame, EthernetView.TYPE_IPV4);
  }
}
