package dev.dunlin.core.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.Pipe;
import java.io.File;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The loop on the real kernel and with real threads. */
class LoopThreadTest {
  private static final int PRODUCERS = 4;
  private static final int TASKS = 20_000;

  @Test
  void no_task_of_many_producers_is_lost_or_out_of_order() throws Exception {
    List<List<Integer>> seen = new ArrayList<>();
    try (LoopThread loop = LoopThread.start()) {
      List<Thread> producers = new ArrayList<>();
      for (int p = 0; p < PRODUCERS; p++) {
        List<Integer> mine = new ArrayList<>();
        seen.add(mine);
        producers.add(new Thread(() -> produce(loop, mine)));
      }
      producers.forEach(Thread::start);
      for (Thread producer : producers) {
        producer.join();
      }
      loop.call(() -> true);
    }
    for (List<Integer> each : seen) {
      assertEquals(TASKS, each.size());
      for (int i = 0; i < TASKS; i++) {
        assertEquals(i, each.get(i));
      }
    }
  }

  private static void produce(LoopThread loop, List<Integer> into) {
    for (int i = 0; i < TASKS; i++) {
      int number = i;
      loop.loop().execute(() -> into.add(number));
    }
  }

  @Test
  void a_pipe_wakes_the_loop_and_a_timer_ends_its_wait() throws Exception {
    try (LoopThread loop = LoopThread.start();
        Pipe pipe = Pipe.open()) {
      CompletableFuture<FdEvents> found = new CompletableFuture<>();
      MainLoop.FdWatch watch =
          loop.call(
              () -> loop.loop().watch(pipe.readEnd().number(), FdEvents.READ, found::complete));
      pipe.writeEnd().write(ByteBuffer.wrap(new byte[1]));
      assertEquals(FdEvents.READ, found.get());
      CompletableFuture<Boolean> due = new CompletableFuture<>();
      loop.call(
          () -> {
            watch.close();
            return loop.loop().schedule(Duration.ofMillis(3), () -> due.complete(true));
          });
      assertTrue(due.get());
    }
  }

  @Test
  void a_loop_leaves_no_descriptor_and_no_thread_behind() throws Exception {
    LoopThread.start().close();
    int threads = Thread.activeCount();
    Fd probe = Fd.open("/dev/null", 0, 0);
    int before = probe.number();
    probe.close();
    for (int i = 0; i < 20; i++) {
      LoopThread.start().close();
    }
    try (Fd after = Fd.open("/dev/null", 0, 0)) {
      assertEquals(before, after.number(), () -> "open: " + openDescriptors());
    }
    assertEquals(threads, Thread.activeCount());
  }

  private static int openDescriptors() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? -1 : names.length;
  }
}
