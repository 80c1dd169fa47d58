package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.loop.testing.FakePoller;
import dev.dunlin.core.loop.testing.ManualClock;
import dev.dunlin.core.posix.LoopbackPair;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.testing.NoLeaks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@NoLeaks
final class HelperCompanionTest {
  private final ManualClock clock = new ManualClock();
  private final EventLoop loop = new EventLoop(clock, new FakePoller(clock));
  private final List<String> log = new ArrayList<>();
  private final List<Consumer<Boolean>> ends = new ArrayList<>();
  private boolean startable = true;
  private boolean up;
  private final HelperCompanion companion = new HelperCompanion(loop, this::launch, () -> up);

  private Optional<StreamSocket> launch(Consumer<Boolean> onEnd) {
    log.add("launch");
    if (!startable) {
      return Optional.empty();
    }
    ends.add(onEnd);
    try {
      LoopbackPair pair = LoopbackPair.open();
      pair.theirs().close();
      return Optional.of(pair.ours());
    } catch (PosixException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() {
    companion.close();
  }

  /** So that timers run whose time comes within it. */
  private void pass(long millis) {
    long end = clock.nanoTime() + millis * 1_000_000;
    while (clock.nanoTime() - end < 0) {
      clock.advance(Duration.ofMillis(5));
      loop.turn(0);
    }
  }

  @Test
  void it_is_launched_by_the_first_who_needs_it_and_all_wait_until_it_is_up() {
    assertEquals(List.of(), log);
    companion.whenUp(() -> log.add("one"));
    companion.whenUp(() -> log.add("two"));
    pass(100);
    assertEquals(List.of("launch"), log);
    up = true;
    pass(10);
    assertEquals(List.of("launch", "one", "two"), log);
    companion.whenUp(() -> log.add("three"));
    assertEquals(List.of("launch", "one", "two", "three"), log, "at once");
  }

  @Test
  void nobody_waits_for_one_that_can_t_be_launched_and_the_next_tries_again() {
    startable = false;
    companion.whenUp(() -> log.add("one"));
    companion.whenUp(() -> log.add("two"));
    assertEquals(List.of("launch", "one", "launch", "two"), log);
  }

  @Test
  void patience_ends() {
    companion.whenUp(() -> log.add("one"));
    pass(4900);
    assertFalse(log.contains("one"));
    pass(200);
    assertTrue(log.contains("one"));
  }

  @Test
  void one_that_ends_releases_who_waits_and_is_launched_again_when_needed() {
    companion.whenUp(() -> log.add("one"));
    ends.get(0).accept(false);
    assertEquals(List.of("launch", "one"), log);
    companion.whenUp(() -> log.add("two"));
    assertEquals(List.of("launch", "one", "launch"), log);
  }

  @Test
  void a_closed_one_is_not_launched_again() {
    companion.whenUp(() -> log.add("one"));
    companion.close();
    assertEquals(List.of("launch", "one"), log);
    companion.whenUp(() -> log.add("two"));
    assertEquals(List.of("launch", "one", "two"), log);
  }
}
