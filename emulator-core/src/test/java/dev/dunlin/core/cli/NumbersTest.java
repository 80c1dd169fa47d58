package dev.dunlin.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "80, 80",
    "0x50, 80",
    "0X5a, 90",
    "010, 8",
    "+7, 7",
    "'\t 9', 9",
    "-1, -1",
    "00, 0",
    "18446744073709551615, -1",
    "-0x10, -16"
  })
  void a_number_is_read_in_any_base(String text, long value) {
    assertEquals(new NumberText.Value(value), Numbers.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "x", "08", "0x", "1 ", "1k", "1.0", "--1", "0b1", "১", "+"})
  void anything_else_is_no_number(String text) {
    assertEquals(new NumberText.Malformed(), Numbers.parse(text));
  }

  @Test
  void mistakes_are_told_in_qemus_words() {
    assertEquals(
        "Parameter 'slots' expects a number",
        assertThrows(OptionException.class, () -> Numbers.parameter("slots", "x")).getMessage());
    assertEquals(
        "Value '18446744073709551616' is out of range for parameter 'slots'",
        assertThrows(
                OptionException.class, () -> Numbers.parameter("slots", "18446744073709551616"))
            .getMessage());
  }

  @Test
  void a_range_includes_both_ends() {
    assertEquals(OptionalLong.of(65535), Numbers.within("65535", 0, 65535));
    assertEquals(OptionalLong.of(0), Numbers.within("0", 0, 65535));
    assertEquals(OptionalLong.empty(), Numbers.within("65536", 0, 65535));
    assertEquals(OptionalLong.empty(), Numbers.within("-1", 0, 65535));
    assertEquals(OptionalLong.empty(), Numbers.within("18446744073709551616", 0, 65535));
  }
}
