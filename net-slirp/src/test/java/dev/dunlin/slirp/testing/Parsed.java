package dev.dunlin.slirp.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.UdpView;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A frame that reached the guest, checked as a strict receiver would: every length and checksum.
 */
public final class Parsed {
  public final byte[] bytes;
  public final EthernetView ethernet = new EthernetView();
  public final Ipv4View ip = new Ipv4View();
  public final UdpView udp = new UdpView();
  public final Icmpv4View icmp = new Icmpv4View();
  private final ByteBuffer buffer;

  public Parsed(byte[] bytes) {
    this.bytes = bytes;
    buffer = ByteBuffer.wrap(bytes);
    assertTrue(ethernet.wrap(buffer, 0, bytes.length));
    assertTrue(bytes.length >= EthernetView.MIN_FRAME, "sent frames are padded to 60");
  }

  public Parsed ip() {
    assertEquals(EthernetView.TYPE_IPV4, ethernet.type());
    assertTrue(ip.wrap(buffer, ethernet.payload(), bytes.length), () -> ip.problem().toString());
    assertTrue(ip.checksumValid(), "IP checksum");
    return this;
  }

  public Parsed udp() {
    ip();
    assertEquals(IpProtocol.UDP, ip.protocol());
    assertTrue(udp.wrap(buffer, ip.payload(), ipEnd()));
    assertTrue(udp.hasChecksum(), "UDP goes out with a checksum");
    assertTrue(udp.checksumValid(source(), destination()), "UDP checksum");
    return this;
  }

  public Parsed icmp() {
    ip();
    assertEquals(IpProtocol.ICMP, ip.protocol());
    assertTrue(icmp.wrap(buffer, ip.payload(), ipEnd()));
    assertTrue(icmp.checksumValid(), "ICMP checksum");
    return this;
  }

  /** An ICMP error of the given type and code. */
  public Parsed icmpError(int type, int code) {
    icmp();
    assertEquals(type + "/" + code, icmp.type() + "/" + icmp.code());
    return this;
  }

  /** Header of the packet that an ICMP error quotes. */
  public Ipv4View quoted() {
    Ipv4View quoted = new Ipv4View();
    assertTrue(quoted.wrapHeader(buffer, icmp.payload(), ipEnd()));
    return quoted;
  }

  public byte[] ipPayload() {
    return Arrays.copyOfRange(bytes, ip.payload(), ipEnd());
  }

  public byte[] udpPayload() {
    return Arrays.copyOfRange(bytes, udp.payload(), udp.payload() + udp.payloadLength());
  }

  public byte[] icmpPayload() {
    return Arrays.copyOfRange(bytes, icmp.payload(), icmp.payload() + icmp.payloadLength());
  }

  public IpAddr source() {
    return IpAddr.v4(ip.source());
  }

  public IpAddr destination() {
    return IpAddr.v4(ip.destination());
  }

  public int word(int at) {
    return buffer.getShort(at) & 0xffff;
  }

  private int ipEnd() {
    return ip.start() + ip.totalLength();
  }
}
