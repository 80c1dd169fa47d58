package dev.dunlin.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected values were read off QEMU 7.2: {@code info memory_size_summary} after {@code -m}. */
class SizesTest {

  @ParameterizedTest
  @CsvSource({
    "500, 500",
    "1k, 1024",
    "1K, 1024",
    "3B, 3",
    "2M, 2097152",
    "1.5G, 1610612736",
    "0.5K, 512",
    "1., 1",
    "1.k, 1024",
    "1.0, 1",
    "08, 8",
    "010, 10",
    "0x10, 16",
    "0x10M, 16777216",
    "+5, 5",
    "' 5', 5",
    "0, 0",
    "1T, 1099511627776",
    "1P, 1125899906842624",
    "1E, 1152921504606846976",
    "1.e, 1152921504606846976",
    "0x1E, 30"
  })
  void a_size_is_read_as_qemu_reads_it(String text, String bytes) {
    assertEquals(new NumberText.Value(Long.parseUnsignedLong(bytes)), Sizes.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "foo", ".5G", "-1", "-0", "1e3", "1.5e1G", "1.5", "12x", "1M1", "5 ", "2.5B", "0x",
        "0x1.8", "1kk", "1KiB", "٣", "k", "1.5.5G", "1_000", "+-1"
      })
  void anything_else_is_no_size(String text) {
    assertEquals(new NumberText.Malformed(), Sizes.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"18446744073709551616", "16E", "99999999999999999999G", "17179869184G"})
  void a_size_of_two_to_the_64_or_more_is_out_of_range(String text) {
    assertEquals(new NumberText.OutOfRange(), Sizes.parse(text));
  }

  @Test
  void the_default_unit_counts_only_without_a_suffix() {
    assertEquals(new NumberText.Value(500L << 20), Sizes.parse("500", 'M'));
    assertEquals(new NumberText.Value(500L), Sizes.parse("500B", 'M'));
    assertEquals(new NumberText.Value(3L << 19), Sizes.parse("1.5", 'M'));
  }

  @Test
  void a_wrong_size_is_told_in_qemus_words() {
    assertEquals(
        """
        Parameter 'size' expects a non-negative number below 2^64
        Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta-
        and exabytes, respectively.""",
        assertThrows(OptionException.class, () -> Sizes.parameter("size", "foo", 'B'))
            .getMessage());
    assertEquals(
        "Value '16E' is out of range for parameter 'size'",
        assertThrows(OptionException.class, () -> Sizes.parameter("size", "16E", 'B'))
            .getMessage());
  }
}
