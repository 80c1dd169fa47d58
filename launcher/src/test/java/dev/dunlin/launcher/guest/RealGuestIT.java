package dev.dunlin.launcher.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.dunlin.testing.GuestImage;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.OwnNetwork;
import dev.dunlin.testing.RequiresPeer;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A Debian kernel behind Dunlin's network, on every wire of QEMU's and both kinds of card. */
@RequiresPeer({"qemu-system-x86_64", "unshare", "ip", "dnsmasq"})
@NoLeaks
final class RealGuestIT {
  @BeforeAll
  static void guest_and_network_can_be_made() {
    GuestImage.require();
    OwnNetwork.require();
  }

  @TestFactory
  Stream<DynamicTest> virtio_over_a_unix_stream() {
    return trial(Card.VIRTIO, Wiring.STREAM_UNIX, GuestChecks.all());
  }

  @TestFactory
  Stream<DynamicTest> e1000_over_a_unix_stream() {
    return trial(Card.E1000, Wiring.STREAM_UNIX, quick());
  }

  @TestFactory
  Stream<DynamicTest> e1000_over_a_tcp_stream() {
    return trial(Card.E1000, Wiring.STREAM_INET, quick());
  }

  @TestFactory
  Stream<DynamicTest> virtio_over_unix_datagrams() {
    return trial(Card.VIRTIO, Wiring.DGRAM_UNIX, quick());
  }

  @TestFactory
  Stream<DynamicTest> e1000_over_udp_datagrams() {
    return trial(Card.E1000, Wiring.DGRAM_INET, quick());
  }

  @TestFactory
  Stream<DynamicTest> virtio_over_a_socket() {
    return trial(Card.VIRTIO, Wiring.SOCKET_LISTENS, quick());
  }

  @TestFactory
  Stream<DynamicTest> e1000_over_a_udp_socket() {
    return trial(Card.E1000, Wiring.SOCKET_UDP, quick());
  }

  /**
   * The checks are fair: they find nothing in QEMU's network but what is known of it. libslirp
   * waits for no error on a datagram's socket, and closes a connection that the guest broke off as
   * if it had been ended.
   */
  @ParameterizedTest
  @EnumSource(Card.class)
  @Tag("soak")
  void qemu_s_own_network_fails_only_what_libslirp_is_known_for(Card card) {
    Verdicts verdicts = Verdicts.of("qemu", card.name(), "all");
    System.out.println("QEMU's own network, " + card + "\n" + verdicts.table(GuestChecks.all()));
    Set<String> surprises = verdicts.failed(GuestChecks.all());
    surprises.removeAll(
        Set.of("a_port_without_listener_refuses_the_datagram", "a_guest_s_reset_reaches_the_host"));
    assertEquals(Set.of(), surprises);
  }

  private static List<GuestChecks.Check> quick() {
    return GuestChecks.all().stream().filter(check -> !check.isLong()).toList();
  }

  private static Stream<DynamicTest> trial(
      Card card, Wiring wiring, List<GuestChecks.Check> checks) {
    String extent = checks.size() == GuestChecks.all().size() ? "all" : "short";
    Verdicts verdicts = Verdicts.of("dunlin", card.name(), extent, wiring.name());
    return checks.stream()
        .map(check -> dynamicTest(check.sentence(), () -> verdicts.assertPassed(check)));
  }
}
