package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The figures that decide when a guest is stopped, and how slow it is made. */
class ConvergenceTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1000 * MILLI;
  private static final long MIB = 1 << 20;

  @Test
  void bandwidth_is_unknown_before_a_whole_window_was_seen() {
    Bandwidth bandwidth = new Bandwidth(0);
    assertFalse(bandwidth.sample(99 * MILLI, 1L << 30, 1 << 18));
    assertEquals(0, bandwidth.threshold(300));
    assertEquals(OptionalLong.empty(), bandwidth.millisFor(1));
    assertTrue(bandwidth.sample(100 * MILLI, 10_000_000, 2000));
    assertEquals(30_000_000, bandwidth.threshold(300));
    assertEquals(OptionalLong.of(500), bandwidth.millisFor(50_000_000));
    assertEquals(800, bandwidth.mbps());
    assertEquals(20_000, bandwidth.pagesPerSecond());
  }

  @Test
  void bandwidth_is_that_of_the_last_window_alone() {
    Bandwidth bandwidth = new Bandwidth(0);
    bandwidth.sample(100 * MILLI, 100_000_000, 0);
    assertFalse(bandwidth.sample(150 * MILLI, 100_000_001, 0));
    bandwidth.sample(200 * MILLI, 101_000_000, 0);
    assertEquals(3_000_000, bandwidth.threshold(300));
    bandwidth.sample(300 * MILLI, 101_000_000, 0);
    assertEquals(0, bandwidth.threshold(300));
    assertEquals(OptionalLong.empty(), bandwidth.millisFor(1));
  }

  @Test
  void a_backlog_that_grows_is_no_negative_bandwidth_and_counts_once_when_it_shrinks() {
    Bandwidth bandwidth = new Bandwidth(0);
    bandwidth.sample(100 * MILLI, 1_000_000, 0);
    bandwidth.sample(200 * MILLI, 900_000, 0);
    assertEquals(0, bandwidth.threshold(300));
    bandwidth.sample(300 * MILLI, 1_100_000, 0);
    assertEquals(300_000, bandwidth.threshold(300));
  }

  @Test
  void pages_are_counted_over_more_than_a_second() {
    DirtyRate rate = new DirtyRate(0);
    assertEquals(Optional.empty(), rate.sync(500 * MILLI, 100, MIB));
    assertEquals(200, rate.pagesPerSecond());
    assertEquals(Optional.empty(), rate.sync(SECOND, 100, 2 * MIB));
    assertEquals(
        Optional.of(new DirtyRate.Period(300 * 4096, 3 * MIB)),
        rate.sync(1500 * MILLI, 100, 3 * MIB));
    assertEquals(200, rate.pagesPerSecond());
    assertEquals(Optional.empty(), rate.sync(1501 * MILLI, 1000, 4 * MIB));
    assertEquals(200, rate.pagesPerSecond(), "a millisecond says nothing");
    assertEquals(
        Optional.of(new DirtyRate.Period(1000 * 4096, 2 * MIB)), rate.sync(3 * SECOND, 0, 5 * MIB));
    assertEquals(666, rate.pagesPerSecond());
  }

  @Test
  void every_second_period_of_too_much_makes_the_guest_slower_up_to_the_most() throws Exception {
    assertEquals(
        List.of(0, 20, 20, 30, 30, 40, 40, 50, 50, 55, 55, 55), throttle(Map.of(), 12, 100, 100));
  }

  @Test
  void a_guest_that_dirties_no_more_than_the_threshold_is_left_alone() throws Exception {
    assertEquals(List.of(0, 0, 0, 0), throttle(Map.of(), 4, 50, 100));
    assertEquals(List.of(0, 20), throttle(Map.of(), 2, 51, 100));
    assertEquals(
        List.of(0, 0, 0, 0),
        throttle(Map.of(MigrationParameter.THROTTLE_TRIGGER_THRESHOLD, 90L), 4, 90, 100));
  }

  /** With 60 dirtied and 50 allowed a guest at 80 % has to lose 13 more percent, not 20. */
  @Test
  void the_tail_is_slow_where_that_is_wanted() throws Exception {
    Map<MigrationParameter, Object> slow =
        Map.of(
            MigrationParameter.CPU_THROTTLE_TAILSLOW,
            true,
            MigrationParameter.CPU_THROTTLE_INCREMENT,
            20L);
    assertEquals(List.of(0, 20, 20, 33), throttle(slow, 4, 60, 100));
    assertEquals(List.of(0, 20, 20, 40), throttle(slow, 4, 100, 100));
  }

  private static List<Integer> throttle(
      Map<MigrationParameter, Object> changes, int periods, long dirtied, long sent)
      throws Exception {
    MigrationParameters parameters = new MigrationParameters();
    parameters.set(MigrationParameter.MAX_CPU_THROTTLE, 55L);
    parameters.set(changes);
    AutoConverge converge = new AutoConverge(parameters);
    List<Integer> seen = new ArrayList<>();
    int now = 0;
    for (int i = 0; i < periods; i++) {
      OptionalInt next = converge.after(new DirtyRate.Period(dirtied * MIB, sent * MIB), now);
      now = next.orElse(now);
      seen.add(now);
    }
    return seen;
  }
}
