package dev.dunlin.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTableTest {
  private final TokenTable<String> table = new TokenTable<>();

  @Test
  void what_was_put_is_found_until_it_is_removed() {
    table.put(7, "seven");
    table.put(7, "still seven");
    assertEquals(1, table.size());
    assertEquals("still seven", table.get(7));
    assertNull(table.get(8));
    assertEquals("still seven", table.remove(7));
    assertNull(table.remove(7));
    assertNull(table.get(7));
    assertEquals(0, table.size());
  }

  @Test
  void nobody_has_token_0() {
    assertNull(table.get(0));
    assertNull(table.remove(0));
    assertThrows(IllegalArgumentException.class, () -> table.put(0, "nobody"));
  }

  /** Few different tokens, so that they collide and gaps are closed behind what is removed. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void it_does_what_a_map_of_the_library_does(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Long, String> model = new HashMap<>();
    for (int i = 0; i < 50_000; i++) {
      long token = (long) random.nextInt(1, 200) << (random.nextBoolean() ? 32 : 0);
      if (random.nextInt(5) < 2) {
        assertEquals(model.remove(token), table.remove(token));
      } else {
        model.put(token, "v" + i);
        table.put(token, "v" + i);
      }
      assertEquals(model.get(token), table.get(token));
      assertEquals(model.size(), table.size());
    }
    List<String> all = new ArrayList<>();
    table.forEach(all::add);
    assertEquals(model.values().stream().sorted().toList(), all.stream().sorted().toList());
  }
}
