package dev.dunlin.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonTest {
  @Test
  void values_of_every_kind_are_read() {
    assertEquals(
        Map.of("a", List.of(1L, -2L, 1.5, true, "x\n\u00e9"), "b", Map.of()),
        Json.read("{ \"a\" : [1,-2,1.5,true,\"x\\n\\u00e9\"], \"b\":{} }"));
  }

  @Test
  void the_largest_unsigned_number_keeps_its_bits() {
    assertEquals(-1L, Json.read("18446744073709551615"));
  }

  @Test
  void what_is_written_is_read_back() {
    Map<String, Object> value = Map.of("k\"\\\u0001", List.of(true, 3L, "v"));
    assertEquals(value, Json.read(Json.write(value)));
  }

  @Test
  void broken_text_is_refused() {
    for (String text : List.of("{", "[1,", "nul", "1 2", "\"x", "")) {
      assertThrows(IllegalArgumentException.class, () -> Json.read(text), text);
    }
  }
}
