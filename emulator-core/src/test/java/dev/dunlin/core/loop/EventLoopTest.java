package dev.dunlin.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.loop.testing.FakePoller;
import dev.dunlin.core.loop.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private final ManualClock clock = new ManualClock();
  private final FakePoller poller = new FakePoller(clock);
  private final EventLoop loop = new EventLoop(clock, poller);
  private final List<String> log = new ArrayList<>();

  @Test
  void tasks_run_in_order_then_timers_then_descriptors() {
    poller.setReady(7, FdEvents.READ);
    loop.watch(7, FdEvents.READ, events -> log.add("fd"));
    loop.schedule(Duration.ZERO, () -> log.add("timer"));
    loop.execute(() -> log.add("one"));
    loop.execute(() -> log.add("two"));
    loop.turn(0);
    assertEquals(List.of("one", "two", "timer", "fd"), log);
  }

  @Test
  void a_task_that_queues_itself_starves_nobody() {
    poller.setReady(7, FdEvents.READ);
    loop.watch(7, FdEvents.READ, events -> log.add("fd"));
    loop.execute(
        new Runnable() {
          @Override
          public void run() {
            log.add("task");
            loop.execute(this);
          }
        });
    loop.turn(-1);
    loop.turn(-1);
    assertEquals(List.of("task", "fd", "task", "fd"), log);
  }

  @Test
  void the_end_of_a_turn_comes_after_the_timers_and_bounds_the_wait() {
    loop.schedule(Duration.ofMillis(50), () -> log.add("timer"));
    loop.setTurnEnd(
        now -> {
          log.add("end at " + now / 1_000_000);
          return 20_000_000;
        });
    long start = clock.nanoTime();
    loop.turn(-1);
    loop.turn(-1);
    loop.turn(-1);
    loop.turn(-1);
    assertEquals(70_000_000, clock.nanoTime() - start);
    long at = start / 1_000_000;
    assertEquals(
        List.of(
            "end at " + at,
            "end at " + (at + 20),
            "end at " + (at + 40),
            "timer",
            "end at " + (at + 50)),
        log);
  }

  @Test
  void a_timer_that_schedules_itself_without_delay_runs_once_a_turn() {
    loop.schedule(Duration.ZERO, this::again);
    loop.turn(0);
    loop.turn(0);
    assertEquals(List.of("again", "again"), log);
  }

  private void again() {
    log.add("again");
    loop.schedule(Duration.ZERO, this::again);
  }

  @Test
  void timers_run_by_time_then_by_the_order_of_scheduling_and_never_early() {
    loop.schedule(Duration.ofMillis(20), () -> log.add("c"));
    loop.schedule(Duration.ofMillis(10), () -> log.add("a"));
    loop.schedule(Duration.ofMillis(10), () -> log.add("b"));
    clock.advanceNanos(9_999_999);
    loop.turn(0);
    assertEquals(List.of(), log);
    clock.advanceNanos(1);
    loop.turn(0);
    assertEquals(List.of("a", "b"), log);
    clock.advance(Duration.ofSeconds(1));
    loop.turn(0);
    assertEquals(List.of("a", "b", "c"), log);
  }

  @Test
  void the_loop_waits_exactly_to_the_next_timer() {
    loop.schedule(Duration.ofMillis(30), () -> log.add("due"));
    loop.turn(-1);
    assertEquals(30_000_000, clock.nanoTime());
    loop.turn(0);
    assertEquals(List.of("due"), log);
  }

  @Test
  void a_wait_asked_for_is_no_longer_than_the_timer_and_no_longer_than_asked() {
    loop.schedule(Duration.ofMillis(30), () -> log.add("due"));
    loop.turn(10_000_000);
    assertEquals(10_000_000, clock.nanoTime());
    loop.turn(50_000_000);
    assertEquals(30_000_000, clock.nanoTime());
  }

  @Test
  void a_cancelled_timer_never_runs_and_knows_it() {
    LoopTimer timer = loop.schedule(Duration.ofMillis(1), () -> log.add("never"));
    assertTrue(timer.isPending());
    timer.cancel();
    timer.cancel();
    assertFalse(timer.isPending());
    clock.advance(Duration.ofSeconds(1));
    loop.turn(0);
    assertEquals(List.of(), log);
  }

  @Test
  void a_timer_cancelled_by_an_earlier_one_of_the_same_round_does_not_run() {
    List<LoopTimer> second = new ArrayList<>();
    loop.schedule(Duration.ZERO, () -> second.get(0).cancel());
    second.add(loop.schedule(Duration.ZERO, () -> log.add("never")));
    loop.turn(0);
    assertEquals(List.of(), log);
  }

  @Test
  void a_timer_that_ran_is_no_longer_pending() {
    LoopTimer timer = loop.schedule(Duration.ZERO, () -> log.add("ran"));
    loop.turn(0);
    assertFalse(timer.isPending());
    timer.cancel();
    assertEquals(List.of("ran"), log);
  }

  @Test
  void absurd_delays_are_neither_errors_nor_early() {
    loop.schedule(Duration.ofSeconds(Long.MAX_VALUE), () -> log.add("far"));
    loop.schedule(Duration.ofSeconds(-5), () -> log.add("past"));
    loop.turn(0);
    assertEquals(List.of("past"), log);
  }

  @Test
  void no_handler_call_comes_after_close_even_for_an_event_already_fetched() {
    List<FdWatch> second = new ArrayList<>();
    poller.setReady(7, FdEvents.READ);
    poller.setReady(8, FdEvents.READ);
    loop.watch(7, FdEvents.READ, events -> second.get(0).close());
    second.add(loop.watch(8, FdEvents.READ, events -> log.add("too late")));
    loop.turn(0);
    assertEquals(List.of(), log);
    assertFalse(poller.isRegistered(8));
    assertEquals(1, loop.watchCount());
  }

  @Test
  void an_event_fetched_for_a_closed_watch_does_not_reach_the_next_one_of_the_same_number() {
    List<FdWatch> old = new ArrayList<>();
    poller.setReady(7, FdEvents.READ);
    poller.setReady(8, FdEvents.READ);
    loop.watch(
        7,
        FdEvents.READ,
        events -> {
          old.get(0).close();
          old.add(loop.watch(8, FdEvents.WRITE, found -> log.add("stale")));
        });
    old.add(loop.watch(8, FdEvents.READ, events -> log.add("closed")));
    loop.turn(0);
    assertEquals(List.of(), log);
  }

  @Test
  void a_watch_is_closed_once_and_its_interest_then_means_nothing() {
    FdWatch watch = loop.watch(7, FdEvents.READ, events -> log.add("fd"));
    watch.close();
    watch.close();
    watch.setInterest(FdEvents.READ_WRITE);
    assertEquals(0, poller.registeredCount());
  }

  @Test
  void interest_decides_what_is_reported() {
    poller.setReady(7, FdEvents.READ_WRITE);
    FdWatch watch = loop.watch(7, FdEvents.NONE, events -> log.add(events.toString()));
    loop.turn(0);
    assertEquals(List.of(), log);
    watch.setInterest(FdEvents.WRITE);
    loop.turn(0);
    assertEquals(List.of(FdEvents.WRITE.toString()), log);
  }

  @Test
  void whatever_throws_is_survived() {
    poller.setReady(7, FdEvents.READ);
    loop.watch(
        7,
        FdEvents.READ,
        events -> {
          log.add("fd");
          throw new IllegalStateException("a test's failure on purpose");
        });
    loop.schedule(
        Duration.ZERO,
        () -> {
          log.add("timer");
          throw new AssertionError("a test's failure on purpose");
        });
    loop.execute(
        () -> {
          log.add("task");
          throw new IllegalArgumentException("a test's failure on purpose");
        });
    loop.turn(0);
    loop.turn(0);
    assertEquals(List.of("task", "timer", "fd", "fd"), log);
  }

  @Test
  void only_execute_and_stop_may_be_called_from_elsewhere() throws InterruptedException {
    List<Throwable> thrown = new ArrayList<>();
    Thread stranger =
        new Thread(
            () -> {
              loop.execute(() -> log.add("queued"));
              thrown.add(
                  assertThrows(
                      IllegalStateException.class,
                      () -> loop.schedule(Duration.ZERO, () -> log.add("never"))));
              loop.stop();
            },
            "stranger");
    stranger.start();
    stranger.join();
    loop.run();
    assertEquals(List.of("queued"), log);
    String mine = Thread.currentThread().getName();
    assertEquals("must be called on " + mine + ", not on stranger", thrown.get(0).getMessage());
  }

  @Test
  void what_was_queued_before_stop_still_runs_and_the_loop_may_run_again() {
    loop.execute(() -> log.add("before"));
    loop.stop();
    loop.run();
    loop.execute(() -> log.add("again"));
    loop.stop();
    loop.run();
    assertEquals(List.of("before", "again"), log);
  }

  @Test
  void a_task_queued_by_the_loop_itself_keeps_it_from_waiting() {
    loop.schedule(Duration.ofSeconds(5), () -> log.add("timer"));
    loop.execute(() -> loop.execute(() -> log.add("task")));
    loop.turn(-1);
    assertEquals(0, clock.nanoTime());
    loop.turn(0);
    assertEquals(List.of("task"), log);
  }

  @Test
  void closing_the_loop_closes_its_poller() {
    loop.close();
    assertTrue(poller.isClosed());
    assertSame(clock, loop.clock());
  }
}
