package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.testing.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class GuestTimeTest {
  private final ManualClock clock = new ManualClock();
  private final GuestTime time = new GuestTime(clock);

  @Test
  void no_time_passes_while_the_guest_stands_still() {
    long start = time.now();
    clock.advance(Duration.ofNanos(10));
    time.setStopped(true, clock.nanoTime());
    clock.advance(Duration.ofHours(1));
    assertTrue(time.isStopped());
    assertEquals(start + 10, time.now());
    time.setStopped(false, clock.nanoTime());
    clock.advance(Duration.ofNanos(5));
    assertEquals(start + 15, time.now());
  }

  @Test
  void a_network_that_hears_late_of_a_pause_loses_it_all_the_same() {
    long start = time.now();
    long stopped = clock.nanoTime();
    clock.advance(Duration.ofHours(1));
    long resumed = clock.nanoTime();
    clock.advance(Duration.ofNanos(3));
    time.setStopped(true, stopped);
    time.setStopped(false, resumed);
    assertEquals(start + 3, time.now());
  }

  @Test
  void time_never_goes_back_though_a_pause_was_heard_of_late() {
    long stopped = clock.nanoTime();
    clock.advance(Duration.ofNanos(7));
    long seen = time.now();
    time.setStopped(true, stopped);
    assertEquals(seen, time.now());
    time.setStopped(true, clock.nanoTime());
    time.setStopped(false, clock.nanoTime());
    assertEquals(seen, time.now());
  }
}
