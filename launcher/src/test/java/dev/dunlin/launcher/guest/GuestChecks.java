package dev.dunlin.launcher.guest;

import static dev.dunlin.launcher.guest.UserOptions.COMMAND_ADDRESS;
import static dev.dunlin.launcher.guest.UserOptions.COMMAND_PORT;
import static dev.dunlin.launcher.guest.UserOptions.FORWARDED_TCP;
import static dev.dunlin.launcher.guest.UserOptions.FORWARDED_UDP;
import static dev.dunlin.launcher.guest.UserOptions.GUEST_PORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.OwnNetwork;
import dev.dunlin.testing.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a guest must be able to do, one method a check, in the order in which they run: the lease
 * comes first, and what was downloaded is uploaded again. Every expectation is the exact outcome
 * that the guest's own kernel and programs report.
 */
final class GuestChecks {
  private static final String GATEWAY = "10.0.2.2";
  private static final String NAME_SERVER = "10.0.2.3";

  /** Around the sizes where a frame, a fragment and a datagram end; the largest in 41 fragments. */
  private static final int[] DATAGRAMS = {
    1, 2, 17, 512, 1471, 1472, 1473, 2000, 2953, 8192, 9000, 32768, 60000
  };

  private static final Duration BULK = Duration.ofMinutes(2);

  private final Contender network;
  private final HostPeers host;
  private final UserOptions options;

  GuestChecks(Contender network, HostPeers host, UserOptions options) {
    this.network = network;
    this.host = host;
    this.options = options;
  }

  /** A check's sentence, what makes it, and whether it takes long. */
  record Check(String sentence, Body body, boolean isLong) {}

  /** Fails as a test does. */
  interface Body {
    void run(GuestChecks checks) throws IOException;
  }

  static List<Check> all() {
    return List.of(
        check("dhcp_gives_address_router_resolver_and_names", GuestChecks::dhcp),
        check("dns_answers_over_udp", GuestChecks::dnsOverUdp),
        check("dns_says_over_udp_when_an_answer_is_too_long", GuestChecks::dnsTruncates),
        check("dns_answers_at_length_over_tcp", GuestChecks::dnsOverTcp),
        check("a_web_page_is_found_by_its_name", GuestChecks::http),
        check("ping_reaches_the_gateway", checks -> checks.ping(GATEWAY)),
        check("ping_reaches_a_host_behind_it", checks -> checks.ping(OwnNetwork.NEIGHBOUR)),
        check("sixty_four_mebibytes_come_down_whole", GuestChecks::download),
        check("sixty_four_mebibytes_go_up_whole", GuestChecks::upload),
        check("datagrams_from_1_to_60000_bytes_come_back_as_they_went", GuestChecks::datagrams),
        check("a_guest_that_ended_its_half_hears_the_answer", GuestChecks::guestEndsFirst),
        check("a_host_that_ended_its_half_hears_the_answer", GuestChecks::hostEndsFirst),
        check("a_host_s_reset_reaches_the_guest", GuestChecks::hostResets),
        check("a_guest_s_reset_reaches_the_host", GuestChecks::guestResets),
        check("a_port_without_listener_refuses_the_connection", GuestChecks::refused),
        check("a_port_without_listener_refuses_the_datagram", GuestChecks::datagramRefused),
        check("an_unreachable_host_is_reported", GuestChecks::unreachable),
        check("a_network_without_route_is_reported", GuestChecks::noRoute),
        check("a_forwarded_tcp_port_leads_to_the_guest", GuestChecks::forwardedTcp),
        check("a_forwarded_udp_port_leads_to_the_guest", GuestChecks::forwardedUdp),
        check("a_guest_forward_runs_its_command", GuestChecks::guestForward),
        check("a_second_guest_forward_runs_the_command_anew", GuestChecks::guestForward),
        check("tftp_brings_a_small_file", checks -> checks.tftp("small", 512)),
        check("tftp_says_when_there_is_no_such_file", GuestChecks::tftpMissing),
        new Check(
            "tftp_brings_more_blocks_than_their_number_counts",
            checks -> checks.tftp("large", 512),
            true));
  }

  private static Check check(String sentence, Body body) {
    return new Check(sentence, body, false);
  }

  /** The files that TFTP serves. */
  static void fill(Path tftp) throws IOException {
    Files.writeString(tftp.resolve("small"), "a small file\n".repeat(100));
    // 65,535 blocks of 512 bytes are 32 MiB (RFC 1350); two more make the number wrap.
    byte[] large = new byte[(32 << 20) + 1024 + 17];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31 + (i >> 9) * 7);
    }
    Files.write(tftp.resolve("large"), large);
  }

  private String guest(String command) {
    return network.guest().run(command).text();
  }

  private String probe(String name, Object... arguments) {
    return guest(probeCommand(name, arguments));
  }

  private static String probeCommand(String name, Object... arguments) {
    return "probe "
        + name
        + Arrays.stream(arguments).map(one -> " '" + one + "'").collect(Collectors.joining());
  }

  private void dhcp() {
    List<String> lease =
        guest("udhcpc -i eth0 -n -q -T 1 -t 10 -s /bin/lease >/dev/null 2>&1; cat /tmp/lease")
            .lines()
            .toList();
    for (String expected :
        List.of(
            "ip=10.0.2.15",
            "mask=24",
            "router=" + GATEWAY,
            "dns=" + NAME_SERVER,
            "hostname=trial",
            "domain=dunlin.test",
            "serverid=" + GATEWAY,
            "siaddr=" + GATEWAY,
            "boot_file=small",
            "lease=86400")) {
      assertTrue(lease.contains(expected), () -> expected + " isn't in " + lease);
    }
  }

  private void dnsOverUdp() {
    assertEquals("whole\n" + HostPeers.SHORT_TEXT, probe("txt", "udp", NAME_SERVER, "short.test"));
  }

  private void dnsTruncates() {
    String answer = probe("txt", "udp", NAME_SERVER, "long.test");
    assertTrue(answer.startsWith("truncated"), answer);
  }

  private void dnsOverTcp() {
    String expected = "whole\n" + HostPeers.longText().strip();
    assertEquals(expected, probe("txt", "tcp", NAME_SERVER, "long.test"));
  }

  private void http() {
    assertEquals(
        HostPeers.PAGE,
        guest("timeout 10 wget -q -O - http://web.test:" + HostPeers.WEB + "/page"));
  }

  private void ping(String address) {
    for (int size : new int[] {56, 1400}) {
      String answer = guest("ping -c 2 -i 0.1 -W 5 -s " + size + " " + address);
      assertTrue(answer.contains("2 packets transmitted, 2 packets received"), answer);
    }
  }

  private void download() {
    String command = probeCommand("download", GATEWAY, host.sends.port(), "/tmp/data");
    assertEquals(HostPeers.DATA_BYTES + " bytes, end", network.guest().run(command, BULK).text());
    assertEquals(host.dataHash(), sha256("/tmp/data"));
  }

  private void upload() {
    host.takes.forget();
    String command = probeCommand("upload", GATEWAY, host.takes.port(), "/tmp/data");
    String expected = HostPeers.DATA_BYTES + " bytes, " + host.dataHash();
    assertEquals(expected + "\nend", network.guest().run(command, BULK).text());
    assertEquals(expected, host.takes.report());
    guest("rm /tmp/data");
  }

  private void datagrams() {
    Object[] arguments =
        IntStream.concat(IntStream.of(HostPeers.ECHO), IntStream.of(DATAGRAMS)).boxed().toArray();
    String expected =
        Arrays.stream(DATAGRAMS).mapToObj(n -> n + ": same").collect(Collectors.joining("\n"));
    assertEquals(expected, guest(probeCommand("echo " + GATEWAY, arguments)));
  }

  private void guestEndsFirst() {
    assertEquals(
        "heard a question\nend", probe("ask", GATEWAY, host.answersAtTheEnd.port(), "a question"));
  }

  private void hostEndsFirst() {
    host.endsFirst.forget();
    assertEquals(
        "nothing more from here\nend",
        probe("listen_then_say", GATEWAY, host.endsFirst.port(), "a late word"));
    assertEquals("a late word", host.endsFirst.report());
  }

  private void hostResets() {
    assertEquals("broken\nConnection reset by peer", probe("hear", GATEWAY, host.breaksOff.port()));
  }

  private void guestResets() {
    host.keepsTheEnd.forget();
    assertEquals("a word", probe("abort", GATEWAY, host.keepsTheEnd.port()));
    assertEquals("Connection reset", host.keepsTheEnd.report());
  }

  private void refused() {
    assertEquals("Connection refused", probe("connect", GATEWAY, 9));
  }

  private void datagramRefused() {
    assertEquals("Connection refused", probe("datagram", GATEWAY, 9));
  }

  private void unreachable() {
    assertEquals("No route to host", probe("connect", OwnNetwork.UNREACHABLE, 80));
  }

  private void noRoute() {
    assertEquals("Network is unreachable", probe("connect", OwnNetwork.NOWHERE, 80));
  }

  private void forwardedTcp() {
    assertEquals("serving", probe("serve_tcp", GUEST_PORT));
    assertEquals(GATEWAY + " said good day, end", HostPeers.askStream(FORWARDED_TCP, "good day"));
  }

  private void forwardedUdp() {
    assertEquals("serving", probe("serve_udp", GUEST_PORT));
    assertEquals(GATEWAY + " said good day", HostPeers.askDatagram(FORWARDED_UDP, "good day"));
  }

  private void guestForward() {
    assertEquals(
        "SPEAK UP, PLEASE\nend", probe("ask", COMMAND_ADDRESS, COMMAND_PORT, "speak up, please"));
  }

  private void tftp(String name, int block) throws IOException {
    String get = "tftp -g -b %d -r %s -l /tmp/%2$s %s".formatted(block, name, GATEWAY);
    // Its progress bar goes nowhere.
    assertEquals("", network.guest().run(get + " 2>/dev/null", BULK).text());
    assertEquals(Sha256.of(options.tftp().resolve(name)), sha256("/tmp/" + name));
    guest("rm /tmp/" + name);
  }

  private void tftpMissing() {
    String words = network.guest().run("tftp -g -r nothing -l /tmp/nothing " + GATEWAY).output();
    assertTrue(words.contains("File not found"), words);
  }

  private String sha256(String file) {
    return guest("sha256sum " + file).split(" ", 2)[0];
  }
}
