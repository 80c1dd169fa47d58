package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RateLimiterTest {
  private static final long MILLI = 1_000_000;

  @Test
  void a_window_of_100_ms_takes_a_tenth_of_the_limit() {
    RateLimiter rate = new RateLimiter(0, 0);
    assertFalse(rate.isExhausted(99_999, 1_000_000));
    assertTrue(rate.isExhausted(100_000, 1_000_000));
    assertEquals(60 * MILLI, rate.nanosToWait(40 * MILLI, 100_000, 1_000_000));
  }

  @Test
  void what_is_sent_too_much_is_waited_for() {
    RateLimiter rate = new RateLimiter(0, 0);
    assertEquals(500 * MILLI, rate.nanosToWait(0, 500_000, 1_000_000));
    rate.begin(500 * MILLI, 500_000);
    assertFalse(rate.isExhausted(500_001, 1_000_000));
  }

  @Test
  void zero_is_no_limit_and_the_largest_number_is_no_overflow() {
    RateLimiter rate = new RateLimiter(0, 0);
    assertFalse(rate.isExhausted(Long.MAX_VALUE, 0));
    assertFalse(rate.isExhausted(1L << 40, -1));
    assertEquals(0, rate.nanosToWait(0, 1L << 40, 0));
    assertTrue(rate.nanosToWait(100 * MILLI, 1L << 40, -1) <= 0);
  }
}
