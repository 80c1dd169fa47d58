package dev.dunlin.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.core.cli.ParsedOptions.Option;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionTableTest {
  private static final OptionTable TABLE =
      OptionTable.of(
          List.of(
              new OptionSpec("m", "SIZE", "memory"),
              new OptionSpec("net", "TYPE", "network"),
              new OptionSpec("machine", "TYPE", "machine"),
              OptionSpec.flag("S", "don't start"),
              OptionSpec.flag("help", "help")));

  @Test
  void options_are_kept_in_order_with_one_dash_or_two() throws OptionException {
    ParsedOptions parsed =
        TABLE.parse(List.of("-net", "nic", "--m", "500", "-S", "-net", "user", "-m", "1G"));
    assertEquals(
        List.of(
            new Option("net", "nic", "-net nic"),
            new Option("m", "500", "--m 500"),
            new Option("S", "", "-S"),
            new Option("net", "user", "-net user"),
            new Option("m", "1G", "-m 1G")),
        parsed.options());
    assertEquals(List.of("nic", "user"), parsed.all("net"));
    assertEquals(Optional.of("1G"), parsed.last("m"));
  }

  @Test
  void second_spellings_are_the_same_option() throws OptionException {
    assertEquals(
        List.of("none", "pc"), TABLE.parse(List.of("-M", "none", "-machine", "pc")).all("machine"));
    assertEquals(true, TABLE.parse(List.of("-h")).has("help"));
    assertEquals(true, TABLE.parse(List.of("--help")).has("help"));
  }

  @Test
  void an_argument_may_look_like_an_option() throws OptionException {
    assertEquals(Optional.of("-S"), TABLE.parse(List.of("-m", "-S")).last("m"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-m               | -m: requires an argument",
        "--net            | --net: requires an argument",
        "--bogus          | --bogus: invalid option",
        "-bogus=1         | -bogus=1: invalid option",
        "-m500            | -m500: invalid option",
        "-                | -: invalid option",
        "--               | --: invalid option",
        "---m             | ---m: invalid option",
        "-s               | -s: not supported: Dunlin runs no guest code by itself: the CPU belongs"
            + " to the VMM that embeds it",
        "-hda             | -hda: not supported: this machine has no block devices",
        "disk.img         | disk.img: disk images are not supported: this machine has no block"
            + " devices"
      })
  void a_wrong_word_is_refused_in_qemus_words(String word, String sentence) {
    assertEquals(
        sentence,
        assertThrows(OptionException.class, () -> TABLE.parse(List.of("-S", word))).getMessage());
  }

  @Test
  void two_options_of_one_name_are_a_module_mistake() {
    OptionSpec spec = OptionSpec.flag("S", "again");
    assertThrows(IllegalStateException.class, () -> OptionTable.of(List.of(spec, spec)));
  }
}
