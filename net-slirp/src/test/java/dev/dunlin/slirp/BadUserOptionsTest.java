package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.CoreConfig;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionSpec;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.net.NetworkModule;
import dev.dunlin.slirp.smb.UncheckedShares;
import dev.dunlin.testing.BadOptions;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BadUserOptionsTest {

  static Stream<BadOptions> all() {
    return BadOptions.table(BadUserOptionsTest.class, "bad-user-options.txt");
  }

  static Stream<BadOptions> ofQemu() {
    return all().filter(row -> !row.ownWords());
  }

  @ParameterizedTest
  @MethodSource("all")
  void a_wrong_option_is_refused_with_one_sentence(BadOptions row) {
    assertEquals(
        row.sentence(),
        assertThrows(OptionException.class, () -> configure(row.args())).getMessage());
  }

  @ParameterizedTest
  @MethodSource("ofQemu")
  @RequiresPeer({"qemu-system-x86_64", "smbd"})
  void qemu_refuses_it_with_the_same_sentence(BadOptions row) {
    List<String> args = new ArrayList<>(List.of("-S", "-monitor", "none"));
    args.addAll(row.args());
    ChildProcess.Result result = RealQemu.run(Duration.ofSeconds(30), args.toArray(String[]::new));
    assertEquals(
        row.sentence(), result.stderr().replace("qemu-system-x86_64: ", "").stripTrailing());
  }

  private static void configure(List<String> args) throws OptionException {
    UserNetModule users = new UserNetModule(Clock.system(), new UncheckedShares());
    ImmutableList<OptionSpec> specs =
        ImmutableList.<OptionSpec>builder()
            .addAll(CoreOptions.specs())
            .addAll(users.options())
            .build();
    ParsedOptions options = OptionTable.of(specs).parse(args);
    CoreConfig.read(options, Set.of());
    users.configure(options);
    new NetworkModule(users.netBackends()).configure(options);
  }
}
