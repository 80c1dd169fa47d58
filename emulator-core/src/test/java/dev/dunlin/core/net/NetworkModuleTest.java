package dev.dunlin.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.core.cli.CoreConfig;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.net.link.LinkModule;
import dev.dunlin.testing.BadOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkModuleTest {
  private static final OptionTable TABLE = OptionTable.of(CoreOptions.specs());

  private final FakeUserFactory users = new FakeUserFactory();
  private final NetworkModule module =
      new NetworkModule(
          Stream.concat(Stream.of(users), new LinkModule().netBackends().stream()).toList());

  static Stream<BadOptions> badNetworks() {
    return BadOptions.table(NetworkModuleTest.class, "bad-networks.txt");
  }

  static Stream<KnownNetwork> networks() {
    return KnownNetwork.all();
  }

  @ParameterizedTest
  @MethodSource("badNetworks")
  void a_wrong_network_is_refused_with_one_sentence(BadOptions row) {
    assertEquals(
        row.sentence(),
        assertThrows(OptionException.class, () -> configure(row.args())).getMessage());
    assertEquals(List.of(), users.log.stream().filter(l -> l.endsWith("start")).toList());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void a_network_is_shown_as_qemu_shows_it(KnownNetwork known) throws OptionException {
    configure(known.args());
    assertEquals(known.info(), KnownNetwork.withoutDigits(module.info()));
    assertEquals(
        known.warnings(), module.warnings().stream().map(KnownNetwork::withoutDigits).toList());
  }

  @Test
  void the_seeds_vlans_and_names_are_hubs_and_ids() throws OptionException {
    configure("-net nic,vlan=4,name=card -net user,vlan=4,name=mine -net user");
    assertEquals(
        """
        hub 0
         \\ hub0port0: #net0xx: index=0,type=user,net=10.0.2.0,restrict=off
        hub 4
         \\ hub4port1: mine: index=0,type=user,net=10.0.2.0,restrict=off
         \\ hub4port0: e1000.0: index=0,type=nic,model=e1000,macaddr=52:54:00:12:34:56
        """,
        KnownNetwork.withoutDigits(module.info()));
    assertEquals("mine in hub 4", users.log.get(0));
  }

  @Test
  void every_card_without_an_address_gets_a_free_one() throws OptionException {
    configure("-net nic,macaddr=52:54:00:12:34:57 -net nic -net nic");
    assertEquals(
        List.of("52:54:00:12:34:58", "52:54:00:12:34:56", "52:54:00:12:34:57"),
        module
            .info()
            .lines()
            .filter(line -> line.contains("macaddr="))
            .map(line -> line.substring(line.indexOf("macaddr=") + 8))
            .toList());
  }

  private void configure(String line) throws OptionException {
    configure(Arrays.asList(line.split(" ")));
  }

  private void configure(List<String> args) throws OptionException {
    ParsedOptions options = TABLE.parse(args);
    CoreConfig.read(options, Set.of());
    module.configure(options);
  }
}
