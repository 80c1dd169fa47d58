package dev.dunlin.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

final class VisibleOutputTest {
  private static String shown(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(new VisibleOutput(bytes), false, UTF_8)) {
      out.printf("%s", text);
    }
    return bytes.toString(UTF_8);
  }

  @Test
  void text_of_any_language_lines_and_tabs_stay() throws IOException {
    String text = "gr\u00fc\u00df \u00a0\u00bf \u4e2d \ud83d\ude00\tone\ntwo\n";
    assertEquals(text, shown(text));
  }

  @Test
  void control_characters_are_spelt_out() throws IOException {
    assertEquals("\\u001b[31mred\\u0007", shown("\u001b[31mred\u0007"));
    assertEquals("\\u009b31m and \\u007f", shown("\u009b31m and \u007f"));
    assertEquals("\\u0000\\u000d", shown("\u0000\r"));
  }
}
