package dev.dunlin.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.LeakCheck;
import dev.dunlin.testing.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@NoLeaks
class VmmPortTest {

  /** The first look at files opens a socket that the JVM keeps for ever. */
  @BeforeAll
  static void let_the_jvm_open_its_own() {
    LeakCheck.begin().left();
  }

  @Test
  void a_new_port_is_paused_until_it_is_resumed() {
    VmmPort port = new VmmPort();
    assertFalse(port.poll());
    CompletableFuture<Void> resumed = port.resume().toCompletableFuture();
    assertFalse(resumed.isDone());
    assertTrue(port.poll());
    assertTrue(resumed.isDone());
    assertTrue(port.poll());
  }

  @Test
  void requests_are_served_in_order_by_the_thread_that_polls() {
    VmmPort port = new VmmPort();
    List<String> log = new ArrayList<>();
    port.resume();
    port.atSafepoint(() -> log.add("one"));
    port.pause();
    port.atSafepoint(() -> log.add("two"));
    assertEquals(List.of(), log);
    assertFalse(port.poll());
    assertEquals(List.of("one", "two"), log);
    assertFalse(port.poll());
  }

  @Test
  void a_paused_port_still_runs_tasks() {
    VmmPort port = new VmmPort();
    AtomicInteger runs = new AtomicInteger();
    CompletableFuture<Void> done = port.atSafepoint(runs::incrementAndGet).toCompletableFuture();
    assertFalse(port.poll());
    assertTrue(done.isDone());
    assertEquals(1, runs.get());
  }

  @Test
  void a_task_that_throws_harms_only_itself() {
    VmmPort port = new VmmPort();
    CompletableFuture<Void> bad =
        port.atSafepoint(
                () -> {
                  throw new IllegalStateException("task");
                })
            .toCompletableFuture();
    CompletableFuture<Void> good = port.resume().toCompletableFuture();
    assertTrue(port.poll());
    assertEquals(
        "java.lang.IllegalStateException: task",
        assertThrows(CompletionException.class, bad::join).getMessage());
    assertTrue(good.isDone());
  }

  @Test
  void each_request_wakes_the_vmm_and_a_bad_hook_harms_nobody() {
    AtomicInteger wakes = new AtomicInteger();
    VmmPort port =
        new VmmPort(
            () -> {
              wakes.incrementAndGet();
              throw new IllegalStateException("hook");
            });
    port.resume();
    port.pause();
    assertEquals(2, wakes.get());
    assertFalse(port.poll());
  }

  @Test
  void after_close_whoever_asks_does_it_himself() {
    VmmPort port = new VmmPort();
    CompletableFuture<Void> before = port.pause().toCompletableFuture();
    port.close();
    assertTrue(before.isDone());
    AtomicReference<Thread> ran = new AtomicReference<>();
    assertTrue(
        port.atSafepoint(() -> ran.set(Thread.currentThread())).toCompletableFuture().isDone());
    assertSame(Thread.currentThread(), ran.get());
    assertFalse(port.pollOrPark());
  }

  @Test
  void an_interrupted_cpu_thread_does_not_sleep() {
    VmmPort port = new VmmPort();
    Thread.currentThread().interrupt();
    assertFalse(port.pollOrPark());
    assertTrue(Thread.interrupted());
  }

  /** The guest's memory is a counter that only the CPU thread writes. */
  @Test
  void a_real_cpu_thread_stands_still_between_pause_and_resume() throws Exception {
    VmmPort port = new VmmPort();
    AtomicLong memory = new AtomicLong();
    CountDownLatch began = new CountDownLatch(1);
    Thread cpu =
        new Thread(
            () -> {
              while (port.pollOrPark()) {
                memory.lazySet(memory.get() + 1);
                began.countDown();
              }
            },
            "test cpu");
    cpu.start();
    await(port.resume().toCompletableFuture());
    assertTrue(began.await(10, TimeUnit.SECONDS));
    for (int round = 0; round < 200; round++) {
      await(port.pause().toCompletableFuture());
      long frozen = memory.get();
      AtomicReference<Thread> at = new AtomicReference<>();
      await(port.atSafepoint(() -> at.set(Thread.currentThread())).toCompletableFuture());
      assertSame(cpu, at.get());
      assertEquals(frozen, memory.get());
      await(port.resume().toCompletableFuture());
    }
    await(port.pause().toCompletableFuture());
    port.close();
    cpu.join();
  }

  private static void await(CompletableFuture<Void> done) throws Exception {
    done.get(10, TimeUnit.SECONDS);
  }
}
