package dev.dunlin.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.loop.EventLoop.TurnEnd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnEndsTest {
  private final TurnEnds ends = new TurnEnds();
  private final List<String> asked = new ArrayList<>();

  private TurnEnd end(String name, long wait) {
    return now -> {
      asked.add(name + " at " + now);
      return wait;
    };
  }

  @Test
  void the_most_impatient_decides_and_all_are_asked_in_order() {
    ends.add(end("a", 30));
    ends.add(end("b", -1));
    ends.add(end("c", 20));
    ends.add(end("d", 40));
    assertEquals(20, ends.beforeWait(7));
    assertEquals(List.of("a at 7", "b at 7", "c at 7", "d at 7"), asked);
  }

  @Test
  void with_nothing_pending_the_loop_may_wait_for_ever() {
    assertEquals(-1, ends.beforeWait(0));
    TurnEnd busy = end("busy", 0);
    ends.add(end("idle", -1));
    ends.add(busy);
    assertEquals(0, ends.beforeWait(0));
    ends.remove(busy);
    assertEquals(-1, ends.beforeWait(0));
  }
}
