package dev.dunlin.slirp.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.cli.OptionException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostForwardRuleTest {

  @ParameterizedTest
  @CsvSource({
    "tcp::2222-:22,                     0.0.0.0,   2222,  22",
    "::2222-:22,                        0.0.0.0,   2222,  22",
    "tcp:127.0.0.1:0x50-10.0.2.9:010,   127.0.0.1, 80,    8",
    "tcp:127.1: 2222-:22,               127.0.0.1, 2222,  22",
    "tcp::0-:22,                        0.0.0.0,   0,     22",
    "tcp::-:22,                         0.0.0.0,   0,     22",
    "'tcp:[::1]:2222-:22',              ::1,       2222,  22"
  })
  void a_rule_is_read_as_qemu_reads_it(String text, String host, int port, int guestPort)
      throws Exception {
    HostForwardRule rule = HostForwardRule.parse(text);
    assertEquals(
        List.of(new HostEndpoint.Tcp(new InetSocketAddress(InetAddress.getByName(host), port))),
        rule.endpoints());
    assertEquals(guestPort, rule.guestPort(0));
  }

  @Test
  void a_guest_without_a_name_is_the_first_lease() throws Exception {
    assertEquals(Optional.empty(), HostForwardRule.parse("udp::1-:1").guest());
    assertEquals(Optional.empty(), HostForwardRule.parse("udp::1-0.0.0.0:1").guest());
    assertEquals(
        Optional.of(InetAddress.getByName("fec0::15")),
        HostForwardRule.parse("udp::1-[fec0::15]:1").guest());
  }

  @Test
  void a_range_of_ports_is_one_rule() throws OptionException {
    HostForwardRule rule = HostForwardRule.parse("udp:127.0.0.1:8000..8002-:9000..9002");
    assertEquals(
        List.of(8000, 8001, 8002),
        rule.endpoints().stream()
            .map(endpoint -> ((HostEndpoint.Udp) endpoint).address().getPort())
            .toList());
    assertEquals(9002, rule.guestPort(2));
  }

  @Test
  void a_unix_path_may_have_hyphens() throws OptionException {
    HostForwardRule rule = HostForwardRule.parse("unix:/run/my-vm/a:b-c-10.0.2.15:22");
    assertEquals(List.of(new HostEndpoint.Unix(Path.of("/run/my-vm/a:b-c"))), rule.endpoints());
    assertEquals(22, rule.guestPort(0));
  }

  @Test
  void the_redirections_of_old_listen_on_every_address() throws Exception {
    HostForwardRule rule = HostForwardRule.parseRedirection("udp:5353:10.0.2.9:53");
    assertEquals(
        List.of(
            new HostEndpoint.Udp(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 5353))),
        rule.endpoints());
    assertEquals(Optional.of(InetAddress.getByName("10.0.2.9")), rule.guest());
  }
}
