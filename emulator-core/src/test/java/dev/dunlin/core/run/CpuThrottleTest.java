package dev.dunlin.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.testing.ManualLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class CpuThrottleTest {
  private final ManualLoop loop = new ManualLoop();
  private final VmRunControl run = new VmRunControl(loop, new RunEvents() {});

  /** Adds up how long it was allowed to run. */
  private final class Meter implements GuestCpu {
    private boolean going;
    private long since;
    private long ran;

    @Override
    public CompletionStage<Void> pause() {
      return turn(false);
    }

    @Override
    public CompletionStage<Void> resume() {
      return turn(true);
    }

    @Override
    public CompletionStage<Void> atSafepoint(Runnable task) {
      task.run();
      return CompletableFuture.completedFuture(null);
    }

    private CompletionStage<Void> turn(boolean on) {
      long now = loop.clock().nanoTime();
      ran += going ? now - since : 0;
      since = now;
      going = on;
      return CompletableFuture.completedFuture(null);
    }

    /** Percent of the time that it ran while this much time passed. */
    long share(Duration time) {
      turn(going);
      long before = ran;
      loop.advance(time);
      turn(going);
      return Math.round((ran - before) * 100.0 / time.toNanos());
    }
  }

  private Meter running() {
    Meter cpu = new Meter();
    run.addCpu(cpu);
    run.start();
    return cpu;
  }

  @Test
  void a_throttled_cpu_runs_for_the_rest_of_the_time() {
    Meter cpu = running();
    assertEquals(100, cpu.share(Duration.ofSeconds(10)));
    for (int percent : new int[] {20, 50, 90, 99}) {
      run.throttle(percent);
      assertEquals(percent, run.throttlePercent());
      assertEquals(100 - percent, cpu.share(Duration.ofSeconds(100)), 1, percent + " %");
    }
    run.throttle(0);
    assertEquals(100, cpu.share(Duration.ofSeconds(10)));
  }

  @Test
  void a_percentage_is_between_0_and_99() {
    running();
    run.throttle(150);
    assertEquals(99, run.throttlePercent());
    run.throttle(-1);
    assertEquals(0, run.throttlePercent());
  }

  @Test
  void the_end_lets_a_cpu_go_in_the_middle_of_a_standstill() {
    Meter cpu = running();
    run.throttle(99);
    loop.advance(Duration.ofMillis(500));
    assertFalse(cpu.going);
    run.throttle(0);
    assertTrue(cpu.going);
    assertEquals(100, cpu.share(Duration.ofSeconds(5)));
  }

  @Test
  void a_guest_that_is_stopped_meanwhile_stays_stopped_and_is_slow_again_when_it_runs() {
    Meter cpu = running();
    run.throttle(50);
    loop.advance(Duration.ofMillis(15));
    run.stop(RunState.PAUSED);
    assertEquals(0, cpu.share(Duration.ofSeconds(1)));
    run.start();
    assertEquals(50, cpu.share(Duration.ofSeconds(10)), 1);
    run.stop(RunState.PAUSED);
    run.throttle(0);
    assertEquals(0, cpu.share(Duration.ofSeconds(1)));
  }

  @Test
  void a_second_start_in_the_middle_makes_it_neither_faster_nor_slower() {
    Meter cpu = running();
    for (int i = 0; i < 10; i++) {
      run.throttle(50);
      run.throttle(0);
      run.throttle(50);
    }
    assertEquals(50, cpu.share(Duration.ofSeconds(10)), 1);
  }

  @Test
  void a_cpu_that_never_answers_its_pause_is_not_asked_again() {
    List<String> log = new ArrayList<>();
    FakeCpu cpu = new FakeCpu("cpu", log);
    run.addCpu(cpu);
    run.start();
    cpu.slow();
    run.throttle(50);
    loop.advance(Duration.ofSeconds(1));
    assertEquals(1, cpu.questions());
    run.throttle(0);
    cpu.answer();
    loop.advance(Duration.ofMillis(1));
    cpu.answer();
    assertEquals(List.of("cpu pause", "cpu resume", "cpu pause", "cpu resume"), log);
    loop.advance(Duration.ofSeconds(1));
    assertEquals(0, cpu.questions());
  }

  @Test
  void a_vmm_with_a_way_of_its_own_is_only_told() {
    List<Integer> told = new ArrayList<>();
    VmmPort port = new VmmPort(() -> {}, told::add);
    run.addCpu(port);
    run.start();
    assertTrue(port.poll());
    run.throttle(30);
    run.throttle(40);
    for (int i = 0; i < 100; i++) {
      loop.advance(Duration.ofMillis(7));
      assertTrue(port.poll());
    }
    run.throttle(0);
    assertTrue(port.poll());
    assertEquals(List.of(30, 40, 0), told);
  }

  @Test
  void a_cpu_that_is_added_later_is_as_slow() {
    running();
    run.throttle(50);
    Meter late = new Meter();
    run.addCpu(late);
    assertEquals(50, late.share(Duration.ofSeconds(10)), 1);
    List<Integer> told = new ArrayList<>();
    VmmPort port = new VmmPort(() -> {}, told::add);
    run.addCpu(port);
    port.poll();
    assertEquals(List.of(50), told);
  }

  @Test
  void a_vmm_that_polls_is_held_and_let_go() {
    VmmPort port = new VmmPort();
    run.addCpu(port);
    run.start();
    assertTrue(port.poll());
    run.throttle(50);
    int may = 0;
    for (int i = 0; i < 2000; i++) {
      loop.advance(Duration.ofMillis(1));
      may += port.poll() ? 1 : 0;
      loop.turns(3);
    }
    assertEquals(1000, may, 100);
  }
}
