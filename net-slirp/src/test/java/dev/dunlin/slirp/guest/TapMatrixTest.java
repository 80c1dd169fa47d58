package dev.dunlin.slirp.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.service.Resolver;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Tshark;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Json;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A Linux kernel behind a TAP and the programs that everybody uses, at both ends of what an MTU may
 * be, with checksums and segments left to us and without. A dissector sees every frame.
 */
@NoLeaks
@RequiresPeer({"ip", "sysctl", "curl", "dig", "iperf3", "dhclient", "pkill", "dnsmasq", "tshark"})
class TapMatrixTest {
  private static final String GATEWAY = "10.0.2.2";
  private static final String GUEST = "10.0.2.15";
  private static final long STREAM_BYTES = 16 << 20;
  private static final long DATAGRAM_BYTES = 1_200_000;
  private static final int DATAGRAM = 60_000;
  private static final int IP_AND_TCP = 40;
  private static final int ETHERNET = 14;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"1500, on", "1500, off", "65521, on", "65521, off"})
  void real_programs_get_through(int mtu, String vnetHeader) throws Exception {
    Resolver names = new Resolver(IpAddr.LOOPBACK_V4, "", LabServers.DNS_PORT);
    Path capture = directory.resolve("capture.pcap");
    boolean offload = vnetHeader.equals("on");
    byte[] page = Packets.noise(1_000_000, mtu);
    int web;
    try (GuestLab lab =
            GuestLab.start("mtu=" + mtu, List.of(names), offload, Optional.of(capture));
        LabServers servers = new LabServers(lab.host, page)) {
      web = servers.webPort();
      configureByDhcp(lab);
      assertTrue(link(lab).contains("mtu " + mtu + " "), () -> link(lab));
      fetchAndSend(lab, servers, page);
      askForNames(lab);
      streams(lab, servers);
      datagrams(lab, servers);
    }
    assertEquals(List.of(), Tshark.select(capture, Tshark.FAULTS, LabServers.IPERF_PORT, web));
    checkSizes(capture, mtu, offload);
  }

  private static String link(GuestLab lab) {
    return lab.guest.run("ip", "link", "show", GuestLab.DEVICE);
  }

  /** The client does with options 1, 3 and 26 what distributions' scripts do. */
  private void configureByDhcp(GuestLab lab) throws Exception {
    Path script = directory.resolve("script");
    Files.writeString(
        script,
        """
        #!/bin/sh -e
        [ "$reason" = BOUND ] || exit 0
        ip link set "$interface" mtu "${new_interface_mtu:-1500}"
        ip addr add "$new_ip_address/24" dev "$interface"
        ip route add default via "$new_routers"
        """,
        StandardCharsets.UTF_8);
    assertTrue(script.toFile().setExecutable(true));
    lab.lease(directory, script.toString());
  }

  private void fetchAndSend(GuestLab lab, LabServers servers, byte[] page) throws Exception {
    String url = "http://" + GATEWAY + ":" + servers.webPort() + "/page";
    Path got = directory.resolve("got");
    lab.guest.run("curl", "-sSf", "-o", got.toString(), url);
    assertArrayEquals(page, Files.readAllBytes(got));
    assertEquals("" + page.length, lab.guest.run("curl", "-sSf", "-T", got.toString(), url));
  }

  private static void askForNames(GuestLab lab) {
    for (String way : List.of("+notcp", "+tcp")) {
      String said = lab.guest.run("dig", way, "+short", "@10.0.2.3", LabServers.NAME);
      assertEquals(LabServers.ADDRESS + "\n", said, way);
    }
  }

  /** A run ends when all was sent: what is in buffers of kernels then never counts. */
  private static void streams(GuestLab lab, LabServers servers) {
    for (List<String> way : List.of(List.<String>of(), List.of("-R"))) {
      Report report = iperf(lab, servers, STREAM_BYTES, way);
      assertTrue(report.number("sum_received", "bytes") > 1 << 20, report::toString);
    }
  }

  /** Datagrams may be lost where a busy machine is slow to take them, but not all. */
  private static void datagrams(GuestLab lab, LabServers servers) {
    for (List<String> way : List.of(List.<String>of(), List.of("-R"))) {
      List<String> more = new ArrayList<>(List.of("-u", "-b", "100M", "-l", "" + DATAGRAM));
      more.addAll(way);
      Report report = iperf(lab, servers, DATAGRAM_BYTES, more);
      assertTrue(
          report.number("sum", "packets") > report.number("sum", "lost_packets"), report::toString);
    }
  }

  private static Report iperf(GuestLab lab, LabServers servers, long bytes, List<String> more) {
    List<String> arguments = new ArrayList<>(List.of("-J", "-c", GATEWAY, "-n", "" + bytes));
    arguments.addAll(List.of("-p", "" + LabServers.IPERF_PORT));
    arguments.addAll(more);
    try (ChildProcess server = servers.iperf()) {
      String said = lab.guest.run("iperf3", arguments.toArray(String[]::new));
      server.awaitResult(Await.GENEROUS);
      return new Report(Json.readObject(said));
    }
  }

  /** What iperf3 says at its end. */
  private record Report(Map<String, ?> all) {
    long number(String sum, String name) {
      return all.get("end") instanceof Map<?, ?> end
              && end.get(sum) instanceof Map<?, ?> figures
              && figures.get(name) instanceof Number number
          ? number.longValue()
          : -1;
    }
  }

  /** That the MTU and the offload were what the frames were made by. */
  private static void checkSizes(Path capture, int mtu, boolean offload) throws Exception {
    List<Seen> all =
        Tshark.fields(capture, "ip.src", "frame.len", "tcp.options.mss_val", "ip.flags.mf", "udp")
            .stream()
            .map(Seen::of)
            .toList();
    boolean cut = mtu < DATAGRAM;
    for (boolean toGuest : new boolean[] {true, false}) {
      List<Seen> way = all.stream().filter(f -> f.toGuest() == toGuest).toList();
      // dig asks its kernel for small segments; everybody else and we have the link's.
      assertTrue(way.stream().anyMatch(f -> f.mss.equals("" + (mtu - IP_AND_TCP))), "MSS");
      assertEquals(cut, way.stream().anyMatch(Seen::isPiece), "fragments");
      // Longer than the link carries are only what is still to be cut into segments.
      List<Seen> tooLong = way.stream().filter(f -> f.length > mtu + ETHERNET).toList();
      assertEquals(offload && cut, !tooLong.isEmpty(), "uncut segments");
      assertTrue(tooLong.stream().noneMatch(Seen::isDatagram), "datagrams aren't cut by a TAP");
    }
  }

  /** What a dissector says of a frame. */
  private record Seen(
      boolean toGuest, int length, String mss, boolean isPiece, boolean isDatagram) {
    static Seen of(String line) {
      String[] field = line.split("\t", -1);
      return new Seen(
          field[0].startsWith("10.0.2.") && !field[0].equals(GUEST),
          Integer.parseInt(field[1]),
          field[2],
          field[3].equals("1") || field[3].equals("True"),
          !field[4].isEmpty());
    }
  }
}
