package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.net.KnownTables;
import dev.dunlin.testing.BadOptions;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What shows only when a network starts: nothing is left of what was started before. */
@NoLeaks
@RequiresPeer("ip")
class BadStartsTest {
  static Stream<BadOptions> rows() {
    return BadOptions.table(KnownTables.class, "bad-starts.txt");
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_network_that_cannot_start_says_why_and_leaves_nothing(BadOptions row) {
    assertEquals(
        row.sentence(),
        assertThrows(
                OptionException.class,
                () -> RunningNetworks.start(row.args().toArray(String[]::new)).close())
            .getMessage());
  }
}
