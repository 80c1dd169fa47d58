package dev.dunlin.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResolvConfTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  @TempDir Path directory;

  @Test
  void name_servers_of_both_families_and_search_domains_are_read() {
    ResolvConf conf =
        ResolvConf.parse(
            """
            # comment
            ; another
            domain old.example
            search  example.org sub.example.org\s
            nameserver 192.0.2.1
            \tnameserver\t2001:db8::1
            nameserver fe80::1%eth0
            options timeout:2 rotate
            nameserver not-an-address
            nameserver
            """);
    assertEquals(
        List.of(
            Resolver.of("192.0.2.1"),
            Resolver.of("2001:db8::1"),
            new Resolver(dev.dunlin.slirp.wire.IpAddr.parse("fe80::1"), "eth0", 53)),
        conf.resolvers());
    assertEquals(List.of("example.org", "sub.example.org"), conf.search());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n\n", "# nothing\n", "nameserver localhost\n", "nameserverx 1.2.3.4"})
  void an_empty_resolv_conf_means_127_0_0_1(String text) {
    assertEquals(List.of(Resolver.of("127.0.0.1")), ResolvConf.parse(text).resolvers());
  }

  @Test
  void address_zero_means_this_host_and_windows_line_ends_are_no_matter() {
    assertEquals(
        List.of(Resolver.of("127.0.0.1"), Resolver.of("192.0.2.1")),
        ResolvConf.parse("nameserver 0.0.0.0\r\nnameserver 192.0.2.1\r\n").resolvers());
  }

  @Test
  void number_of_resolvers_is_bounded() {
    assertEquals(8, ResolvConf.parse("nameserver 192.0.2.1\n".repeat(1000)).resolvers().size());
  }

  @Test
  void file_is_read_again_when_the_last_look_is_a_second_old() throws IOException {
    Path file = directory.resolve("resolv.conf");
    Files.writeString(file, "nameserver 192.0.2.1\n");
    ResolvConfFile resolvers = new ResolvConfFile(file, 0);
    Files.writeString(file, "nameserver 192.0.2.2\n");
    assertEquals(List.of(Resolver.of("192.0.2.1")), resolvers.current(SECOND - 1));
    assertEquals(List.of(Resolver.of("192.0.2.2")), resolvers.current(SECOND));
    Files.delete(file);
    assertEquals(List.of(Resolver.of("127.0.0.1")), resolvers.current(2 * SECOND));
  }

  @Test
  void replaced_symbolic_link_is_followed() throws IOException {
    Path link = directory.resolve("resolv.conf");
    Files.writeString(directory.resolve("a"), "nameserver 192.0.2.1\n");
    Files.writeString(directory.resolve("b"), "nameserver 192.0.2.2\n");
    Files.createSymbolicLink(link, directory.resolve("a"));
    ResolvConfFile resolvers = new ResolvConfFile(link, 0);
    Files.delete(link);
    Files.createSymbolicLink(link, directory.resolve("b"));
    assertEquals(List.of(Resolver.of("192.0.2.2")), resolvers.current(SECOND));
  }

  @Test
  void the_hosts_own_file_can_be_read() {
    ResolvConfFile own = new ResolvConfFile(Path.of("/etc/resolv.conf"), 0);
    assertTrue(own.conf(0).resolvers().size() >= 1);
  }
}
