package dev.dunlin.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.testing.ManualLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class VmRunControlTest {
  private final List<String> log = new ArrayList<>();
  private final ManualLoop loop = new ManualLoop();
  private final VmRunControl run = new VmRunControl(loop, new LoggedEvents());
  private final FakeCpu cpu = new FakeCpu("cpu0", log);

  private final class LoggedEvents implements RunEvents {
    @Override
    public void stopped() {
      log.add("STOP in " + run.state().qapiName());
    }

    @Override
    public void resumed() {
      log.add("RESUME");
    }

    @Override
    public void reset(boolean byGuest, String reason) {
      log.add("RESET " + byGuest + " " + reason);
    }
  }

  VmRunControlTest() {
    run.addListener((from, to) -> log.add(from.qapiName() + ">" + to.qapiName()));
  }

  @Test
  void a_start_announces_itself_and_lets_the_cpu_go() {
    run.addCpu(cpu);
    assertTrue(isDone(run.start()));
    assertEquals(List.of("cpu0 pause", "RESUME", "prelaunch>running", "cpu0 resume"), log);
    assertTrue(run.isRunning());
  }

  @Test
  void a_start_that_several_hold_comes_with_the_last_of_them() {
    List<CompletableFuture<Void>> holds =
        List.of(new CompletableFuture<>(), new CompletableFuture<>());
    holds.forEach(run::holdStart);
    assertFalse(run.autostart());
    holds.get(1).complete(null);
    assertFalse(run.autostart());
    holds.get(0).complete(null);
    assertTrue(run.autostart());
    assertEquals(RunState.RUNNING, run.state());
  }

  @Test
  void a_guest_that_was_not_to_start_by_itself_is_not_started_by_a_client() {
    run.setAutostart(false);
    CompletableFuture<Void> client = new CompletableFuture<>();
    run.holdStart(client);
    client.complete(null);
    assertFalse(run.autostart());
    assertEquals(RunState.PRELAUNCH, run.state());
  }

  @Test
  void a_stop_takes_effect_when_the_cpu_stands_still() {
    running(cpu.slow());
    CompletionStage<Void> stop = run.stop(RunState.PAUSED);
    assertEquals(RunState.RUNNING, run.state());
    assertFalse(isDone(stop));
    cpu.answer();
    assertTrue(isDone(stop));
    assertEquals(List.of("cpu0 pause", "running>paused", "STOP in paused"), log);
  }

  @Test
  void an_answer_from_another_thread_counts_on_the_loop_thread() throws Exception {
    running(cpu.slow());
    CompletionStage<Void> stop = run.stop(RunState.PAUSED);
    Thread vmm = new Thread(cpu::answer);
    vmm.start();
    vmm.join();
    assertEquals(RunState.RUNNING, run.state());
    loop.turn();
    assertEquals(RunState.PAUSED, run.state());
    assertTrue(isDone(stop));
  }

  @Test
  void a_cont_right_behind_a_stop_comes_second() {
    running(cpu.slow());
    CompletionStage<Void> stop = run.stop(RunState.PAUSED);
    CompletionStage<Void> start = run.start();
    cpu.answer();
    assertTrue(isDone(stop));
    assertFalse(isDone(start));
    cpu.answer();
    assertTrue(isDone(start));
    assertEquals(
        List.of(
            "cpu0 pause",
            "running>paused",
            "STOP in paused",
            "RESUME",
            "paused>running",
            "cpu0 resume"),
        log);
  }

  @Test
  void requests_made_by_whoever_waited_go_behind_those_already_there() {
    running(cpu.slow());
    CompletionStage<Void> first = run.stop(RunState.PAUSED);
    first.thenRun(() -> run.stop(RunState.FINISH_MIGRATE));
    run.start();
    cpu.answer();
    cpu.answer();
    cpu.answer();
    assertEquals(RunState.FINISH_MIGRATE, run.state());
    assertEquals(
        List.of("running>paused", "paused>running", "running>finish-migrate"),
        log.stream().filter(line -> line.contains(">")).toList());
  }

  @Test
  void thousands_of_requests_behind_one_slow_cpu_are_carried_out_in_order() {
    running(cpu.slow());
    run.stop(RunState.PAUSED);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      int number = i;
      run.stop(RunState.PAUSED).thenRun(() -> order.add(number));
    }
    cpu.answer();
    assertEquals(20_000, order.size());
    assertEquals(19_999, order.get(19_999));
  }

  @Test
  void a_standing_guest_is_not_stopped_again() {
    run.addCpu(cpu);
    log.clear();
    assertTrue(isDone(run.stop(RunState.PAUSED)));
    assertEquals(RunState.PRELAUNCH, run.state());
    assertTrue(isDone(run.stop(RunState.FINISH_MIGRATE)));
    assertEquals(RunState.FINISH_MIGRATE, run.state());
    assertEquals(List.of("prelaunch>finish-migrate"), log);
  }

  @Test
  void an_impossible_state_fails_the_request_and_the_next_one_still_works() {
    running(cpu);
    assertEquals(
        "invalid runstate transition: 'running' -> 'postmigrate'",
        failure(run.stop(RunState.POSTMIGRATE)));
    assertEquals(RunState.RUNNING, run.state());
    assertTrue(isDone(run.stop(RunState.SHUTDOWN)));
    assertEquals("invalid runstate transition: 'shutdown' -> 'running'", failure(run.start()));
    assertTrue(isDone(run.stop(RunState.FINISH_MIGRATE)));
  }

  @Test
  void a_suspended_guest_is_left_alone_by_stop_and_taken_by_migration() {
    running(cpu);
    run.transition(RunState.SUSPENDED);
    assertTrue(isDone(run.stop(RunState.PAUSED)));
    assertEquals(RunState.SUSPENDED, run.state());
    assertTrue(isDone(run.stop(RunState.FINISH_MIGRATE)));
    assertEquals(RunState.FINISH_MIGRATE, run.state());
  }

  @Test
  void a_cpu_that_fails_to_stop_fails_the_stop() {
    running(cpu);
    run.addCpu(
        new GuestCpu() {
          @Override
          public CompletionStage<Void> pause() {
            throw new IllegalStateException("no");
          }

          @Override
          public CompletionStage<Void> resume() {
            return CompletableFuture.completedFuture(null);
          }

          @Override
          public CompletionStage<Void> atSafepoint(Runnable task) {
            return CompletableFuture.completedFuture(null);
          }
        });
    assertEquals("no", failure(run.stop(RunState.PAUSED)));
    assertEquals(RunState.RUNNING, run.state());
  }

  @Test
  void a_cpu_added_to_a_running_machine_runs_and_one_added_to_a_stopped_one_waits() {
    running(cpu);
    run.addCpu(new FakeCpu("cpu1", log));
    run.stop(RunState.PAUSED);
    run.addCpu(new FakeCpu("cpu2", log));
    assertEquals(
        List.of(
            "cpu1 resume",
            "cpu0 pause",
            "cpu1 pause",
            "running>paused",
            "STOP in paused",
            "cpu2 pause"),
        log);
  }

  @Test
  void a_removed_cpu_is_not_waited_for() {
    running(cpu.slow());
    CompletionStage<Void> stop = run.stop(RunState.PAUSED);
    run.removeCpu(cpu);
    assertTrue(isDone(stop));
    assertFalse(run.hasCpu());
    assertEquals(RunState.PAUSED, run.state());
  }

  @Test
  void a_safepoint_without_a_cpu_runs_on_the_caller() {
    List<Thread> threads = new ArrayList<>();
    assertTrue(isDone(run.atSafepoint(() -> threads.add(Thread.currentThread()))));
    assertEquals(List.of(Thread.currentThread()), threads);
  }

  @Test
  void a_safepoint_of_one_cpu_needs_no_loop() throws Exception {
    running(cpu);
    FutureTask<CompletionStage<Void>> other =
        new FutureTask<>(() -> run.atSafepoint(() -> log.add("task")));
    Thread thread = new Thread(other);
    thread.start();
    thread.join();
    assertTrue(isDone(other.get()));
    assertEquals(List.of("cpu0 safepoint", "task"), log);
  }

  @Test
  void a_common_safepoint_holds_the_other_cpus() {
    running(cpu);
    run.addCpu(new FakeCpu("cpu1", log));
    log.clear();
    CompletionStage<Void> done = run.atSafepoint(() -> log.add("task"));
    assertFalse(isDone(done));
    loop.turn();
    assertTrue(isDone(done));
    assertEquals(List.of("cpu1 pause", "cpu0 safepoint", "task", "cpu1 resume"), log);
  }

  @Test
  void a_failing_task_at_a_common_safepoint_lets_the_other_cpus_go_on() {
    running(cpu);
    run.addCpu(new FakeCpu("cpu1", log));
    log.clear();
    CompletionStage<Void> done =
        run.atSafepoint(
            () -> {
              throw new IllegalStateException("task");
            });
    loop.turn();
    assertEquals("task", failure(done));
    assertEquals(List.of("cpu1 pause", "cpu0 safepoint", "cpu1 resume"), log);
  }

  @Test
  void a_reset_pauses_runs_the_hooks_and_goes_on() {
    running(cpu);
    run.resets().add(() -> log.add("hook 1"));
    run.resets().add(() -> log.add("hook 2"));
    assertTrue(isDone(run.reset(false, "host-qmp-system-reset")));
    assertEquals(
        List.of(
            "cpu0 pause", "hook 1", "hook 2", "RESET false host-qmp-system-reset", "cpu0 resume"),
        log);
    assertEquals(RunState.RUNNING, run.state());
  }

  @Test
  void a_reset_of_a_standing_guest_puts_it_before_its_first_instruction() {
    running(cpu);
    run.stop(RunState.SHUTDOWN);
    run.reset(false, "host-qmp-system-reset");
    assertEquals(RunState.PRELAUNCH, run.state());
    run.transition(RunState.INMIGRATE);
    run.reset(false, "host-qmp-system-reset");
    assertEquals(RunState.INMIGRATE, run.state());
  }

  @Test
  void a_listener_that_throws_stops_nobody() {
    running(cpu);
    List<RunState> seen = new ArrayList<>();
    run.addListener(
        (from, to) -> {
          throw new IllegalStateException("listener");
        });
    RunControl.Listener last = (from, to) -> seen.add(to);
    run.addListener(last);
    assertTrue(isDone(run.stop(RunState.PAUSED)));
    run.removeListener(last);
    run.start();
    assertEquals(List.of(RunState.PAUSED), seen);
  }

  @Test
  void changes_belong_to_the_loop_thread() throws Exception {
    for (Runnable change :
        List.<Runnable>of(
            () -> run.start(),
            () -> run.stop(RunState.PAUSED),
            () -> run.transition(RunState.INMIGRATE),
            () -> run.reset(false, ""),
            () -> run.addCpu(cpu),
            () -> run.removeCpu(cpu))) {
      FutureTask<IllegalStateException> thrown =
          new FutureTask<>(() -> assertThrows(IllegalStateException.class, change::run));
      Thread stranger = new Thread(thrown);
      stranger.start();
      String sentence = String.valueOf(thrown.get().getMessage());
      assertTrue(sentence.startsWith("must be called on "), sentence);
    }
    assertEquals(RunState.PRELAUNCH, run.state());
  }

  @Test
  void running_is_entered_only_by_start() {
    assertThrows(IllegalStateException.class, () -> run.transition(RunState.RUNNING));
    assertEquals(RunState.PRELAUNCH, run.state());
  }

  private void running(FakeCpu with) {
    run.addCpu(with);
    run.start();
    while (with.questions() > 0) {
      with.answer();
    }
    log.clear();
  }

  private static boolean isDone(CompletionStage<Void> stage) {
    CompletableFuture<Void> future = stage.toCompletableFuture();
    return future.isDone() && !future.isCompletedExceptionally();
  }

  /** The sentence of the failure that a request ended with. */
  private static String failure(CompletionStage<Void> stage) {
    CompletableFuture<Void> future = stage.toCompletableFuture();
    assertTrue(future.isDone());
    Throwable cause = assertThrows(CompletionException.class, future::join).getCause();
    return cause == null ? "" : String.valueOf(cause.getMessage());
  }
}
