package dev.dunlin.core.monitor.hmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCommand;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Argument grammars that core's own commands don't use; the others are held against QEMU. */
final class HmpArgumentsTest {
  private static final String MIGRATE = "detach:-d,blk:-b,inc:-i,resume:-r,uri:s";

  @Test
  void options_come_in_any_order_that_the_grammar_has_and_before_the_rest() throws Exception {
    assertEquals(
        ImmutableMap.of("detach", true, "inc", true, "uri", "exec:cat >f"),
        parse(MIGRATE, "-d -i \"exec:cat >f\""));
    assertEquals(ImmutableMap.of("detach", true, "uri", "x"), parse(MIGRATE, "  -d   x  "));
    assertEquals(ImmutableMap.of("uri", "x-d"), parse(MIGRATE, "x-d"));
    assertEquals(ImmutableMap.of("detach", true, "uri", "bx"), parse(MIGRATE, "-dbx"));
  }

  @Test
  void options_may_have_values() throws Exception {
    assertEquals(
        ImmutableMap.of("file", "f", "format", "png"),
        parse("file:F,format:-fs,device:s?", "f -f png"));
    assertEquals("cmd: value expected for -f", words("file:F,format:-fs,device:s?", "f -f"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "EMPTY",
      value = {
        "EMPTY                 | cmd: string expected",
        "-d                    | cmd: string expected",
        "-x exec:cat           | cmd: unsupported option -x",
        "-b -d x               | cmd: unsupported option -d",
        "-                     | cmd: unsupported option -",
        "- x                   | cmd: unsupported option - ",
        "-d exec:true extra    | cmd: extraneous characters at the end of line",
        "\"exec:cat > /dev/null | cmd: string expected",
        "\"a\\qb\"             | cmd: string expected",
      })
  void wrong_options_are_refused_in_qemus_words(String line, String expected) {
    assertEquals(expected.strip(), words(MIGRATE, line == null ? "" : line).strip());
  }

  @Test
  void quotes_take_blanks_and_five_escapes() throws Exception {
    assertEquals(
        ImmutableMap.of("a", "x y", "b", "\n\r\\'\""),
        parse("a:s,b:s", "\"x y\" \"\\n\\r\\\\\\'\\\"\""));
    assertEquals(ImmutableMap.of("a", "it's", "b", "a\"b"), parse("a:s,b:s", "it's a\"b"));
    assertEquals(ImmutableMap.of("a", ""), parse("a:s", "\"\""));
  }

  @Test
  void a_rest_is_taken_as_it_is() throws Exception {
    assertEquals(ImmutableMap.of("a", "x", "b", "\"y z\"  w "), parse("a:s,b:S", "x  \"y z\"  w "));
    assertEquals(ImmutableMap.of("a", "x"), parse("a:s,b:S?", "x"));
    assertEquals("cmd: string expected", words("a:s,b:S", "x "));
  }

  @Test
  void optional_arguments_may_be_left_out() throws Exception {
    assertEquals(ImmutableMap.of(), parse("a:s?,b:i?,c:b?,d:T?,e:o?,f:F?", ""));
    assertEquals(ImmutableMap.of("a", "x", "b", 3L), parse("a:s?,b:i?", "x 1+2"));
    assertEquals(ImmutableMap.of("a", 1L, "b", 5L), parse("a:i,b:i.", "1 . 5"));
    assertEquals(ImmutableMap.of("a", 1L), parse("a:i,b:i.", "1"));
  }

  @ParameterizedTest
  @CsvSource({
    "o, 1, 1048576",
    "o, 32k, 32768",
    "o, 1.5G, 1610612736",
    "o, 100B, 100",
    "M, 2, 2097152",
    "T, 1, 1000000000",
    "T, 0.5, 500000000",
    "T, 30ms, 30000000",
    "T, 2us, 2000",
    "T, 7ns, 7",
    "i, 0xffffffff, 4294967295",
    "l, -1, -1",
  })
  void numbers_have_their_units(String type, String text, long value) throws Exception {
    assertEquals(ImmutableMap.of("a", value), parse("a:" + type, text));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "o, x, invalid size",
        "o, -1, invalid size",
        "o, 99999999999G, invalid size",
        "M, -2, enter a positive value",
        "T, x, Number expected",
        "T, 1min, Unknown unit suffix",
        "i, 0x100000000, 'cmd' has failed: integer is for 32-bit values",
        "i, -1, 'cmd' has failed: integer is for 32-bit values",
        "b, maybe, Expected 'on' or 'off'",
        "B, ``, cmd: block device name expected",
        "F, ``, cmd: filename expected",
      })
  void wrong_numbers_are_refused_in_qemus_words(String type, String text, String expected) {
    assertEquals(expected, words("a:" + type, text));
  }

  @Test
  void random_lines_end_in_arguments_or_in_words() throws Exception {
    Random random = new Random(7);
    String alphabet = "-dbir \"\\/4xwc+*(0x1)'~$on.TMsk%\0\u00e9";
    String grammar = "fmt:/,a:-a,b:-bs,c:i?,d:M?,e:o?,f:T?,g:b?,h:s?,i:S?";
    int understood = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder line = new StringBuilder();
      for (int k = random.nextInt(30); k > 0; k--) {
        line.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        parse(grammar, line.toString());
        understood++;
      } catch (HmpSyntaxException refused) {
        assertEquals(false, refused.words().isEmpty());
      }
    }
    assertEquals(true, understood > 100);
  }

  private static ImmutableMap<String, Object> parse(String grammar, String line)
      throws HmpSyntaxException {
    HmpCommand command = new HmpCommand("cmd", grammar, "", "", call -> {});
    return HmpArguments.parse(command, new HmpText(line), new FormatDefaults());
  }

  private static String words(String grammar, String line) {
    return assertThrows(HmpSyntaxException.class, () -> parse(grammar, line)).words();
  }
}
