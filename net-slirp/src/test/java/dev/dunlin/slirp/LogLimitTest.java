package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.slirp.LogLimit.Verdict;
import dev.dunlin.slirp.testing.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LogLimitTest {
  private final ManualClock clock = new ManualClock();
  private final LogLimit limit = new LogLimit(clock, 3, Duration.ofMinutes(1));

  private void assertThreePass() {
    assertEquals(Verdict.PASS, limit.next());
    assertEquals(Verdict.PASS, limit.next());
    assertEquals(Verdict.LAST, limit.next());
    assertEquals(Verdict.DROP, limit.next());
  }

  @Test
  void so_many_pass_in_a_span_and_the_last_is_marked() {
    assertThreePass();
    clock.advance(Duration.ofSeconds(59));
    assertEquals(Verdict.DROP, limit.next());
  }

  @Test
  void the_next_span_begins_anew_though_the_clock_overflows() {
    assertThreePass();
    clock.advance(Duration.ofMinutes(1));
    assertThreePass();
  }
}
