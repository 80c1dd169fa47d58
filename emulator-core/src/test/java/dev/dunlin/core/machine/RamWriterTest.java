package dev.dunlin.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.core.run.GuestCpu;
import dev.dunlin.ram.DirtyBitmap;
import dev.dunlin.ram.DirtyClient;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@NoLeaks
final class RamWriterTest {
  private static final int PAGE = RamBlock.PAGE_SIZE;

  /** Time that only moves by hand. */
  private static final class ManualClock implements Clock {
    final AtomicLong now = new AtomicLong(1_000_000);

    @Override
    public long nanoTime() {
      return now.get();
    }

    @Override
    public long wallMicros() {
      return now.get() / 1000;
    }
  }

  @BeforeAll
  static void warmUp() throws Exception {
    machine("-M none -m 1").close();
  }

  @Test
  void each_page_of_the_range_is_incremented_in_turn_and_marked() throws Exception {
    try (Machine machine = machine("-M none -m 16 -device ram-writer,start=1M,end=2M")) {
      RamBlock ram = machine.ram().blocks().get(0);
      DirtyBitmap dirty = ram.startTracking(DirtyClient.EMBEDDER);
      RamWriter writer = (RamWriter) machine.cpus().get(0);
      writer.resume();
      Await.until("some rounds", () -> writer.pagesWritten() > 1000);
      get(writer.pause());
      assertEquals(256, dirty.count());
      assertEquals(256, dirty.nextDirty(0));
      byte[] bytes = new byte[16 << 20];
      ram.read(0, ByteBuffer.wrap(bytes));
      long written = writer.pagesWritten();
      for (int page = 256; page < 512; page++) {
        long rounds = written / 256 + (page - 256 < written % 256 ? 1 : 0);
        assertEquals((byte) rounds, bytes[page * PAGE], "page " + page);
      }
      assertEquals(0, bytes[256 * PAGE + 1], "only the first byte");
    }
  }

  @Test
  void nothing_is_written_once_paused_until_resumed() throws Exception {
    try (Machine machine = machine("-M none -m 2 -device ram-writer")) {
      RamWriter writer = (RamWriter) machine.cpus().get(0);
      for (int i = 0; i < 50; i++) {
        long before = writer.pagesWritten();
        writer.resume();
        Await.until("a write", () -> writer.pagesWritten() > before);
        CompletionStage<Void> paused = writer.pause();
        AtomicLong atPause = new AtomicLong();
        get(paused.thenRun(() -> atPause.set(writer.pagesWritten())));
        get(writer.atSafepoint(() -> {}));
        assertEquals(atPause.get(), writer.pagesWritten());
      }
    }
  }

  @Test
  void a_harvest_at_a_safepoint_never_leaves_a_stale_page() throws Exception {
    try (Machine machine = machine("-M none -m 2 -device ram-writer,end=2M")) {
      GuestRam ram = machine.ram();
      GuestCpu cpu = machine.cpus().get(0);
      byte[] copy = new byte[2 << 20];
      ram.dirtyLog().start();
      cpu.resume();
      for (int round = 0; round < 200; round++) {
        get(cpu.atSafepoint(() -> ram.dirtyLog().harvest((b, at, n) -> copy(b, at, n, copy))));
      }
      // Beside the running CPU, as migration's bulk stage does.
      for (int round = 0; round < 2000; round++) {
        ram.dirtyLog().harvest((b, at, n) -> copy(b, at, n, copy));
      }
      get(cpu.pause());
      ram.dirtyLog().harvest((b, at, n) -> copy(b, at, n, copy));
      byte[] now = new byte[2 << 20];
      ram.blocks().get(0).read(0, ByteBuffer.wrap(now));
      for (int page = 0; page < 512; page++) {
        assertEquals(now[page * PAGE], copy[page * PAGE], "page " + page);
      }
    }
  }

  private static void copy(RamBlock block, long offset, long length, byte[] into) {
    block.read(offset, ByteBuffer.wrap(into, (int) offset, (int) length));
  }

  @Test
  void safepoint_tasks_run_on_the_cpus_own_thread_running_or_paused() throws Exception {
    try (Machine machine = machine("-M none -m 2 -device ram-writer")) {
      GuestCpu cpu = machine.cpus().get(0);
      AtomicReference<String> thread = new AtomicReference<>();
      get(cpu.atSafepoint(() -> thread.set(Thread.currentThread().getName())));
      assertEquals("ram-writer", thread.getAndSet(null));
      cpu.resume();
      get(cpu.atSafepoint(() -> thread.set(Thread.currentThread().getName())));
      assertEquals("ram-writer", thread.get());
    }
  }

  @Test
  void a_failing_safepoint_task_fails_its_stage_and_nothing_else() throws Exception {
    try (Machine machine = machine("-M none -m 2 -device ram-writer")) {
      GuestCpu cpu = machine.cpus().get(0);
      CompletionStage<Void> failed =
          cpu.atSafepoint(
              () -> {
                throw new IllegalArgumentException("on purpose");
              });
      ExecutionException thrown = assertThrows(ExecutionException.class, () -> get(failed));
      assertTrue(String.valueOf(thrown.getMessage()).contains("on purpose"));
      get(cpu.atSafepoint(() -> {}));
    }
  }

  @Test
  void pausing_what_never_ran_starts_no_thread() throws Exception {
    try (Machine machine = machine("-M none -m 2 -device ram-writer")) {
      CompletionStage<Void> paused = machine.cpus().get(0).pause();
      assertTrue(paused.toCompletableFuture().isDone());
      assertFalse(
          Thread.getAllStackTraces().keySet().stream()
              .anyMatch(thread -> thread.getName().equals("ram-writer")));
    }
  }

  @Test
  void requests_after_the_end_are_answered() throws Exception {
    Machine machine = machine("-M none -m 2 -device ram-writer");
    GuestCpu cpu = machine.cpus().get(0);
    cpu.resume();
    machine.close();
    machine.close();
    get(cpu.pause());
    get(cpu.resume());
    CompletableFuture<Boolean> ran = new CompletableFuture<>();
    get(cpu.atSafepoint(() -> ran.complete(true)));
    assertTrue(ran.get(1, TimeUnit.MINUTES));
  }

  @Test
  void the_rate_is_bytes_dirtied_a_second() {
    ManualClock clock = new ManualClock();
    Pace pace = new Pace(clock, 100L * PAGE);
    assertEquals(0, pace.nanosToWait(), "the first page is due at once");
    assertEquals(1, pace.duePages());
    pace.written(1);
    assertEquals(10_000_000, pace.nanosToWait());
    clock.now.addAndGet(25_000_000);
    assertEquals(0, pace.nanosToWait());
    assertEquals(2, pace.duePages());
    pace.written(2);
    assertEquals(5_000_000, pace.nanosToWait());
  }

  @Test
  void what_a_starved_writer_missed_is_made_up_for_in_part() {
    ManualClock clock = new ManualClock();
    Pace pace = new Pace(clock, 1000L * PAGE);
    clock.now.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertEquals(0, pace.nanosToWait());
    assertEquals(51, pace.duePages(), "50 ms of it");
  }

  @Test
  void what_was_missed_while_paused_is_not_made_up_for() {
    ManualClock clock = new ManualClock();
    Pace pace = new Pace(clock, 1000L * PAGE);
    pace.written(1);
    clock.now.addAndGet(TimeUnit.HOURS.toNanos(1));
    pace.restart();
    assertEquals(0, pace.nanosToWait());
    assertEquals(1, pace.duePages());
  }

  @Test
  void a_high_rate_is_done_in_bursts_a_millisecond_apart() {
    ManualClock clock = new ManualClock();
    Pace pace = new Pace(clock, 100_000L * PAGE);
    pace.written(pace.duePages());
    assertEquals(1_000_000, pace.nanosToWait());
    clock.now.addAndGet(1_000_000);
    assertEquals(100, pace.duePages());
  }

  @Test
  void a_slow_writer_is_paused_at_once() throws Exception {
    try (Machine machine = machine("-M none -m 2 -device ram-writer,rate=1")) {
      RamWriter writer = (RamWriter) machine.cpus().get(0);
      writer.resume();
      Await.until("the first write", () -> writer.pagesWritten() == 1);
      get(writer.pause());
      get(writer.resume());
      get(writer.atSafepoint(() -> {}));
      assertEquals(1, writer.pagesWritten());
    }
  }

  /** Blocks without windows, ROM in between, a range that begins and ends within pages. */
  @Test
  void any_memory_will_do_and_rom_is_left_out() {
    RamBlock low = new RamBlock("low", new HeapRam(3 * PAGE), false);
    RamBlock rom = new RamBlock("rom", new HeapRam(PAGE), true);
    RamBlock high = new RamBlock("high", new HeapRam(4 * PAGE), false);
    PhysicalMap map =
        new PhysicalMap(
            List.of(
                new PhysicalMap.Region(0, 3 * PAGE, low, 0),
                new PhysicalMap.Region(3 * PAGE, PAGE, rom, 0),
                new PhysicalMap.Region(8 * PAGE, 3 * PAGE, high, PAGE)));
    PageWalk walk = PageWalk.over(map, 1, 9 * PAGE + 1);
    for (int i = 0; i < 8; i++) {
      walk.incrementNext();
    }
    assertEquals(List.of(0, 2, 2), firstBytes(low));
    assertEquals(List.of(0), firstBytes(rom));
    assertEquals(List.of(0, 2, 2, 0), firstBytes(high));
    assertEquals(8, walk.count());
    assertTrue(PageWalk.over(map, 3 * PAGE, 8 * PAGE).isEmpty());
    assertTrue(PageWalk.over(map, Long.MAX_VALUE - 5, Long.MAX_VALUE).isEmpty());
  }

  private static List<Integer> firstBytes(RamBlock block) {
    byte[] bytes = new byte[(int) block.length()];
    block.read(0, ByteBuffer.wrap(bytes));
    List<Integer> first = new java.util.ArrayList<>();
    for (int at = 0; at < bytes.length; at += PAGE) {
      first.add((int) bytes[at]);
    }
    return first;
  }

  private static Machine machine(String line) throws Exception {
    return Machine.create(CommandLine.config(line), GuestMemoryFiles.best(), Clock.system());
  }

  private static void get(CompletionStage<Void> stage) throws Exception {
    stage.toCompletableFuture().get(1, TimeUnit.MINUTES);
  }
}
