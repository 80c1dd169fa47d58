package dev.dunlin.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.cli.CoreConfigTest;
import dev.dunlin.testing.BadOptions;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Shows the tables of this package and of the command line to a real QEMU. */
@RequiresPeer("qemu-system-x86_64")
class PeerWordsTest {

  static Stream<BadOptions> words() {
    return Stream.of(
            BadOptions.table(CoreConfigTest.class, "bad-options.txt"),
            BadOptions.table(NetworkModuleTest.class, "bad-networks.txt"),
            BadOptions.table(NetworkModuleTest.class, "bad-starts.txt"))
        .flatMap(rows -> rows)
        .filter(row -> !row.ownWords());
  }

  static Stream<KnownNetwork> networks() {
    return KnownNetwork.all();
  }

  @ParameterizedTest
  @MethodSource("words")
  void qemu_refuses_it_with_the_same_sentence(BadOptions row) {
    List<String> args = new ArrayList<>(List.of("-S", "-monitor", "none"));
    args.addAll(row.args());
    ChildProcess.Result result = RealQemu.run(Duration.ofSeconds(30), args.toArray(String[]::new));
    String said = result.stderr().replace("qemu-system-x86_64: ", "").stripTrailing();
    assertEquals(row.sentence().stripTrailing(), said);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void qemu_shows_the_same_network(KnownNetwork known) {
    List<String> args = new ArrayList<>(List.of("-S", "-monitor", "none"));
    args.addAll(known.args());
    try (RealQemu qemu = RealQemu.start(args.toArray(String[]::new))) {
      Object shown =
          qemu.qmp().execute("human-monitor-command", Map.of("command-line", "info network"));
      String text = String.valueOf(shown).replace("\r\n", "\n");
      assertEquals(known.info(), KnownNetwork.withoutDigits(text));
    }
  }
}
