package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.core.net.frame.PcapTap;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.ip.Routing;
import dev.dunlin.slirp.link.SoftwareOffload;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.service.DhcpConfig;
import dev.dunlin.slirp.service.DhcpServer;
import dev.dunlin.slirp.service.DirectoryFiles;
import dev.dunlin.slirp.service.DnsForwarder;
import dev.dunlin.slirp.service.RebindingGuard;
import dev.dunlin.slirp.service.Resolver;
import dev.dunlin.slirp.service.ResolverTransport;
import dev.dunlin.slirp.service.TftpServer;
import dev.dunlin.slirp.testing.ManualClock;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.testing.Tshark;
import dev.dunlin.slirp.wire.ArpView;
import dev.dunlin.slirp.wire.DhcpMessage;
import dev.dunlin.slirp.wire.DhcpOption;
import dev.dunlin.slirp.wire.DnsMessage;
import dev.dunlin.slirp.wire.DnsName;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.PseudoHeader;
import dev.dunlin.slirp.wire.TftpPacket;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One conversation of every kind, captured on both sides of the link and judged by Wireshark: no
 * malformed frame, no bad checksum, and every protocol recognised for what it is meant to be.
 */
@RequiresPeer("tshark")
final class CaptureOracleTest {
  @TempDir Path directory;

  private PcapTap tap(Path file) throws IOException {
    return new PcapTap(
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
        new ManualClock(),
        65_536 + 256);
  }

  private static void guest(TestStack stack, PcapTap tap, Frame frame) {
    tap.record(frame);
    stack.guest(frame);
  }

  @Test
  void wireshark_finds_no_fault_in_a_conversation_of_every_kind() throws Exception {
    Path file = directory.resolve("all.pcap");
    try (PcapTap tap = tap(file)) {
      VirtualNet net = VirtualNet.standard();
      TestStack stack = new TestStack(Routing.standard(net, false), 1500, tap::before);
      arp(stack, tap);
      dhcp(stack, tap, net);
      dns(stack, tap);
      tftp(stack, tap);
      echoes(stack, tap);
      datagramsAndErrors(stack, tap);
      segments(stack, tap);
      stack.assertNothingLeaks();
    }
    assertEquals(List.of(), Tshark.select(file, Tshark.FAULTS));
    assertAtLeast(file, "arp.opcode == 2 && arp.src.proto_ipv4 == 10.0.2.2", 1);
    assertAtLeast(file, "dhcp.option.dhcp == 2 && dhcp.option.hostname == \"vm1\"", 1);
    assertAtLeast(file, "dhcp.option.dhcp == 5 && dhcp.ip.your == 10.0.2.15", 1);
    assertAtLeast(file, "dhcp.option.dhcp_dns_domain_search_list_fqdn == \"sub.example.org\"", 1);
    assertAtLeast(file, "dns.flags.response == 1 && dns.a == 93.184.216.34", 1);
    assertAtLeast(file, "tftp.opcode == 6", 1);
    assertAtLeast(file, "icmp.type == 0", 2);
    assertAtLeast(file, "icmp.type == 3 && icmp.code == 3", 1);
    assertAtLeast(file, "icmp.type == 3 && icmp.code == 4 && icmp.mtu == 1400", 1);
    assertAtLeast(file, "icmp.type == 11 && icmp.code == 0", 1);
    assertAtLeast(file, "ip.reassembled.length == 60008", 1);
    assertAtLeast(file, "tcp.len == 1448 && tcp.checksum.status == 1", 20);
  }

  private static void assertAtLeast(Path file, String filter, int count) throws Exception {
    int found = Tshark.select(file, filter).size();
    assertTrue(found >= count, filter + ": " + found);
  }

  @Test
  void the_oracle_sees_a_damaged_frame() throws Exception {
    Path file = directory.resolve("bad.pcap");
    try (PcapTap tap = tap(file)) {
      Frame frame = Packets.udp(Packets.GUEST, 1, Packets.GATEWAY, 2, Packets.noise(40, 1));
      frame.bytes().put(frame.end() - 1, (byte) ~frame.bytes().get(frame.end() - 1));
      tap.record(frame);
      tap.record(Packets.echo(Packets.GATEWAY, 1, 1, (byte) 1));
    }
    assertEquals(1, Tshark.select(file, Tshark.FAULTS).size());
  }

  private static void arp(TestStack stack, PcapTap tap) {
    guest(stack, tap, Packets.arp(ArpView.REQUEST, Packets.GUEST.v4(), Packets.GATEWAY.v4()));
    stack.neighbours.announce();
    stack.link.clear();
  }

  private static void dhcp(TestStack stack, PcapTap tap, VirtualNet net) {
    DhcpConfig config =
        new DhcpConfig(
            net,
            Packets.GUEST,
            1500,
            false,
            Optional.of("vm1"),
            Optional.of("example.org"),
            List.of("example.org", "sub.example.org"),
            Optional.of("boot"),
            Optional.empty(),
            Optional.of("pxelinux.0"),
            List.of(new DhcpConfig.Route(IpAddr.parse("172.16.8.0"), 21, Packets.GATEWAY)));
    stack.ports.bind(
        Packets.GATEWAY,
        67,
        new DhcpServer(config, stack.neighbours, stack.pool, stack.udpOutput, stack.drops));
    for (int type : new int[] {DhcpMessage.DISCOVER, DhcpMessage.REQUEST}) {
      DhcpMessage message = new DhcpMessage();
      message.op = DhcpMessage.BOOT_REQUEST;
      message.xid = 0x12345678;
      Mac.write(ByteBuffer.wrap(message.hardwareAddress), 0, Packets.GUEST_MAC);
      message.options.putOctet(DhcpOption.MESSAGE_TYPE, type);
      message.options.putQuad(DhcpOption.REQUESTED_ADDRESS, Packets.GUEST.v4());
      guest(stack, tap, Packets.udp(IpAddr.ANY_V4, 68, IpAddr.BROADCAST_V4, 67, message.emit(548)));
    }
    assertEquals(2, stack.link.size());
    stack.link.clear();
  }

  private static void dns(TestStack stack, PcapTap tap) {
    ResolverTransport transport =
        new ResolverTransport() {
          @Override
          public Exchange udp(Resolver resolver, byte[] query, Listener listener) {
            ByteBuffer answer = ByteBuffer.allocate(query.length + 16);
            answer.put(query).putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1);
            answer.putInt(60).putShort((short) 4).putInt(Packets.OUTSIDE.v4());
            answer.putShort(2, (short) 0x8180).putShort(6, (short) 1);
            listener.answered(answer.array(), stack.now());
            return () -> {};
          }

          @Override
          public Exchange tcp(Resolver resolver, byte[] query, Listener listener) {
            throw new IllegalStateException("not asked over TCP");
          }
        };
    stack.ports.bind(
        Packets.DNS,
        53,
        new DnsForwarder(
            now -> List.of(Resolver.of("192.0.2.53")),
            transport,
            RebindingGuard.off(),
            stack.pool,
            stack.udpOutput,
            new Random(1),
            stack.drops));
    ByteBuffer query = ByteBuffer.allocate(29);
    query.putShort((short) 7).putShort((short) 0x100).putShort((short) 1).putInt(0);
    query.putShort((short) 0).put(DnsName.encodeAll(List.of("example.org")));
    query.putShort((short) DnsMessage.TYPE_A).putShort((short) 1);
    guest(stack, tap, Packets.udp(Packets.GUEST, 4000, Packets.DNS, 53, query.array()));
    stack.link.only();
  }

  private void tftp(TestStack stack, PcapTap tap) throws IOException {
    Path root = Files.createDirectories(directory.resolve("tftp"));
    Files.write(root.resolve("pxelinux.0"), Packets.noise(5000, 1));
    TftpServer server =
        new TftpServer(
            Packets.GATEWAY,
            new DirectoryFiles(root),
            1500,
            stack.ports,
            stack.pool,
            stack.udpOutput,
            new Random(1),
            stack.drops);
    Map<String, String> options = Map.of("blksize", "1428", "tsize", "0", "windowsize", "2");
    sendTftp(stack, tap, 69, new TftpPacket.Request(false, "pxelinux.0", "octet", options));
    Parsed last = stack.link.only().udp();
    int port = last.udp.sourcePort();
    sendTftp(stack, tap, port, new TftpPacket.Ack(0));
    for (int block = 2; server.size() > 0; block += 2) {
      stack.link.clear();
      sendTftp(stack, tap, port, new TftpPacket.Ack(block));
    }
    stack.link.clear();
    sendTftp(stack, tap, 69, new TftpPacket.Request(false, "../etc/passwd", "octet", Map.of()));
    stack.link.only();
    server.close();
  }

  private static void sendTftp(TestStack stack, PcapTap tap, int port, TftpPacket packet) {
    Frame frame = Frame.unpooled(600);
    TftpPacket.emit(frame, packet);
    guest(stack, tap, Packets.udp(Packets.GUEST, 2000, Packets.GATEWAY, port, frame.toByteArray()));
  }

  private static void echoes(TestStack stack, PcapTap tap) {
    guest(stack, tap, Packets.echo(Packets.GATEWAY, 1, 1, Packets.noise(56, 1)));
    guest(stack, tap, Packets.echo(Packets.OUTSIDE, 2, 1, Packets.noise(56, 2)));
    var socket = stack.host.echo.get(0);
    socket.listener.replied(1, ByteBuffer.wrap(Packets.noise(4000, 2)), 60, stack.now());
    socket.listener.failed(
        new HostFailure(IpError.TTL_EXCEEDED, 0, Optional.of(IpAddr.parse("192.0.2.1"))),
        stack.now());
    stack.link.clear();
  }

  private static void datagramsAndErrors(TestStack stack, PcapTap tap) {
    guest(stack, tap, Packets.udp(Packets.GUEST, 5000, Packets.OUTSIDE, 7777, (byte) 1));
    var socket = stack.host.udp.get(0);
    socket.receive(stack.now(), Packets.noise(60_000, 3));
    socket.receive(stack.now());
    socket.listener.failed(HostFailure.refused(), stack.now());
    socket.listener.failed(HostFailure.tooBig(1400), stack.now());
    guest(stack, tap, Packets.udp(Packets.GUEST, 5000, IpAddr.parse("10.0.2.9"), 7, (byte) 1));
    stack.link.clear();
  }

  /** A long TCP segment as an engine with offload makes it, for a link without. */
  private static void segments(TestStack stack, PcapTap tap) {
    SoftwareOffload offload = new SoftwareOffload(stack.pool, tap.before(stack.link), stack.drops);
    Frame frame = stack.pool.take(40_000);
    assertNotNull(frame);
    frame.append(ByteBuffer.wrap(Packets.noise(30_000, 4)));
    int at = frame.prepend(32);
    for (int i = 0; i < 32; i++) {
      frame.bytes().put(at + i, (byte) (i >= 20 ? 1 : 0)); // options: NOPs
    }
    frame.bytes().putShort(at, (short) 8080).putShort(at + 2, (short) 40000);
    frame.bytes().putInt(at + 4, 1000).putInt(at + 8, 1).put(at + 12, (byte) 0x80);
    frame.bytes().put(at + 13, (byte) 0x18).putShort(at + 14, (short) 1000);
    long pseudo = PseudoHeader.sum(Packets.OUTSIDE, Packets.GUEST, IpProtocol.TCP, frame.length());
    frame.bytes().putShort(at + 16, (short) Checksum.fold(pseudo));
    frame.needChecksum(at, 16);
    frame.setGso(Frame.Gso.TCP_V4, 1448, 32);
    Ipv4View.prepend(
        frame,
        0,
        1,
        Ipv4View.DONT_FRAGMENT,
        64,
        IpProtocol.TCP,
        Packets.OUTSIDE.v4(),
        Packets.GUEST.v4());
    EthernetView.prepend(frame, Packets.GUEST_MAC, Packets.GATEWAY_MAC, EthernetView.TYPE_IPV4);
    assertEquals(66, frame.headerLength());
    offload.send(frame);
    assertEquals(21, stack.link.size());
    stack.link.clear();
  }
}
