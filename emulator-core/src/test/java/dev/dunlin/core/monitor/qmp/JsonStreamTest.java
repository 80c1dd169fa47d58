package dev.dunlin.core.monitor.qmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.monitor.JsonNull;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Values and bounds; the words for broken input are held against QEMU. */
final class JsonStreamTest {
  /** What came of the input: values, and complaints with an exclamation mark before them. */
  private static final class Heard implements JsonStream.Sink {
    private final List<Object> all = new ArrayList<>();

    @Override
    public void value(Object value) {
      all.add(value);
    }

    @Override
    public void error(String words) {
      all.add("!" + words);
    }
  }

  @Test
  void values_of_every_kind_are_read() {
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("a", List.of(1L, -2L, 0.5, 1e300, true, false, JsonNull.NULL));
    expected.put("b", Map.of("", "\u00e9\ud83d\ude00'\"/"));
    expected.put("c", List.of(List.of(), Map.of()));
    expected.put(
        "d", List.of(Long.MAX_VALUE, Long.MIN_VALUE, new BigInteger("18446744073709551615")));
    expected.put("e", List.of(18446744073709551616.0, -9223372036854775809.0));
    assertEquals(
        List.of(expected),
        read(
            "{\"a\":[1,-2,0.5,1e300,true,false,null],'b':{'':'\u00e9\\ud83d\\uDE00\\'\\\"\\/'},"
                + "\"c\":[[],{}],\"d\":[9223372036854775807,-9223372036854775808,"
                + "18446744073709551615],\"e\":[18446744073709551616,-9223372036854775809]}"));
  }

  @Test
  void a_number_with_a_million_digits_costs_no_time() {
    List<Object> heard = read("[" + "9".repeat(1_000_000) + "]");
    assertEquals(List.of(List.of(Double.POSITIVE_INFINITY)), heard);
  }

  @Test
  void what_is_written_is_read_back() {
    Random random = new Random(8);
    for (int i = 0; i < 500; i++) {
      Object value = List.of(randomValue(random, 4));
      for (boolean pretty : new boolean[] {false, true}) {
        String text = JsonWriter.write(value, pretty);
        assertTrue(text.chars().allMatch(c -> c == '\n' || c >= 0x20 && c < 0x7f), text);
        assertEquals(List.of(value), read(text));
      }
    }
  }

  @Test
  void doubles_are_written_as_printf_17g_writes_them() {
    Map<Double, String> known =
        Map.of(
            0.1, "0.10000000000000001",
            100.0, "100",
            1e16, "10000000000000000",
            1e17, "1e+17",
            -1.5e-7, "-1.4999999999999999e-07",
            0.0001, "0.0001",
            1.7976931348623157e308, "1.7976931348623157e+308",
            4.9e-324, "4.9406564584124654e-324",
            -0.0, "-0");
    known.forEach((value, text) -> assertEquals(text, JsonWriter.write(value, false)));
  }

  @Test
  void brackets_that_never_close_are_bounded() {
    assertEquals(List.of(), read("[".repeat(1024)));
    assertEquals("!JSON nesting depth limit exceeded", read("{\"a\":".repeat(1025)).get(0));
  }

  @Test
  void bytes_and_tokens_are_bounded() {
    assertEquals(
        List.of("!JSON token size limit exceeded"), read("\"" + "x".repeat(JsonStream.MAX_BYTES)));
    String tokens = "[" + "1,".repeat(JsonStream.MAX_TOKENS / 2) + "1";
    assertEquals("!JSON token count limit exceeded", read(tokens).get(0));
  }

  @Test
  void random_input_never_throws_and_leaves_the_stream_usable() {
    Random random = new Random(9);
    String alphabet = "{}[]:,\"'\\ \n0-1.eE+tfnul\1\377\303\251u";
    for (int i = 0; i < 3_000; i++) {
      StringBuilder noise = new StringBuilder();
      for (int k = random.nextInt(60); k > 0; k--) {
        noise.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      noise.append("\1\n").append("]}".repeat(80)).append("\n7 ");
      List<Object> heard = read(noise.toString());
      assertEquals(7L, heard.get(heard.size() - 1), noise::toString);
    }
  }

  private static Object randomValue(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> random.nextLong();
      case 1 -> (double) Math.round(random.nextDouble() * 1e6) / 7 + 0.123;
      case 2 -> random.nextBoolean();
      case 3 -> JsonNull.NULL;
      case 4, 5 -> randomText(random);
      case 6 -> {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(randomValue(random, depth - 1));
        }
        yield list;
      }
      default -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          map.put(randomText(random), randomValue(random, depth - 1));
        }
        yield map;
      }
    };
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      int codePoint = random.nextInt(random.nextBoolean() ? 0x80 : 0x10fffe);
      boolean usable =
          (codePoint < 0xd800 || codePoint >= 0xe000)
              && (codePoint < 0xfdd0 || codePoint > 0xfdef)
              && (codePoint & 0xfffe) != 0xfffe;
      text.appendCodePoint(usable ? codePoint : 'x');
    }
    return text.toString();
  }

  private static List<Object> read(String text) {
    Heard heard = new Heard();
    JsonStream stream = new JsonStream(heard);
    boolean latin1 = text.chars().allMatch(c -> c < 0x100) && text.indexOf('\377') >= 0;
    for (byte b : text.getBytes(latin1 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8)) {
      stream.feed(b);
    }
    return heard.all;
  }
}
