package dev.dunlin.core.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.RamFile;
import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guest RAM in memfds: what the kernel allocates, reports and takes back. */
@NoLeaks
final class GuestMemoryFilesTest {
  private static final long GIB = 1L << 30;
  private static final int PAGE = 4096;

  /** The first channel of a JVM leaves it a socket pair for closing others. */
  @BeforeAll
  static void warmUp() throws IOException {
    MappedRam.create(GuestMemoryFiles.best(), "first", PAGE).close();
  }

  @Test
  void eight_gib_open_at_once_and_cost_only_what_is_touched() throws IOException {
    long before = sharedMemoryKib();
    try (MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "pc.ram", 8 * GIB)) {
      for (long at : new long[] {0, GIB - 1, 5 * GIB + 12345, 8 * GIB - 1}) {
        ram.write(at, ByteBuffer.wrap(new byte[] {42}));
      }
      for (long at : new long[] {0, GIB - 1, 5 * GIB + 12345, 8 * GIB - 1}) {
        ByteBuffer one = ByteBuffer.allocate(1);
        ram.read(at, one);
        assertEquals(42, one.get(0), "byte at " + at);
      }
      assertTrue(
          sharedMemoryKib() - before < 4096,
          "four pages cost " + (sharedMemoryKib() - before) + " KiB");
    }
  }

  @Test
  void exactly_the_touched_pages_are_listed() throws IOException {
    try (MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "pc.ram", 3 * GIB)) {
      TreeSet<Long> touched = new TreeSet<>(List.of(0L, 7L, 8L, 9L, 262143L, 262144L, 786431L));
      for (long page : touched) {
        ram.write(page * PAGE + 100, ByteBuffer.wrap(new byte[] {1}));
      }
      assertEquals(new ArrayList<>(touched), touchedPages(ram));
    }
  }

  @Test
  void a_write_across_two_windows_is_read_back() throws IOException {
    try (MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "pc.ram", 2 * GIB)) {
      byte[] text = "over the border".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      ram.write(GIB - 5, ByteBuffer.wrap(text));
      ByteBuffer back = ByteBuffer.allocate(text.length);
      ram.read(GIB - 5, back);
      assertEquals(ByteBuffer.wrap(text), back.flip());
      assertTrue(ram.window(GIB - 4096, 8192).isEmpty());
    }
  }

  @Test
  void a_large_read_of_untouched_memory_allocates_nothing() throws IOException {
    try (MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "pc.ram", GIB)) {
      ram.write(500 * PAGE, ByteBuffer.wrap(new byte[] {9}));
      ByteBuffer all = ByteBuffer.allocate(1000 * PAGE);
      ram.read(0, all);
      assertFalse(all.hasRemaining());
      assertEquals(9, all.get(500 * PAGE));
      assertEquals(List.of(500L), touchedPages(ram));
    }
  }

  @Test
  void discarding_gives_pages_back_and_zeroes_partial_ones() throws IOException {
    try (MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "pc.ram", 1 << 20)) {
      ByteBuffer ones = ByteBuffer.allocate(10 * PAGE);
      while (ones.hasRemaining()) {
        ones.put((byte) 1);
      }
      ram.write(0, ones.flip());
      ram.discard(PAGE + 10, 3 * PAGE);
      assertEquals(List.of(0L, 1L, 4L, 5L, 6L, 7L, 8L, 9L), touchedPages(ram));
      ByteBuffer back = ByteBuffer.allocate(10 * PAGE);
      ram.read(0, back);
      for (int i = 0; i < back.capacity(); i++) {
        assertEquals(i >= PAGE + 10 && i < 4 * PAGE + 10 ? 0 : 1, back.get(i), "byte " + i);
      }
    }
  }

  @Test
  void closing_gives_the_memory_back_though_windows_are_still_held() throws IOException {
    long before = sharedMemoryKib();
    MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "pc.ram", 64 << 20);
    ByteBuffer window = ram.window(0, 64 << 20).orElseThrow();
    for (int at = 0; at < window.capacity(); at += PAGE) {
      window.put(at, (byte) 1);
    }
    assertTrue(sharedMemoryKib() - before > 60 << 10);
    ram.close();
    assertTrue(sharedMemoryKib() - before < 4 << 10);
    assertEquals(0, window.get(12345), "a late look is not a crash");
  }

  /** A reader that returned had the bytes; one that came late was told so. */
  @RepeatedTest(10)
  void readers_in_flight_never_see_the_hole_that_closing_leaves() throws Exception {
    MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "pc.ram", 1 << 20);
    ByteBuffer ones = ByteBuffer.allocate(1 << 20);
    while (ones.hasRemaining()) {
      ones.put((byte) 1);
    }
    ram.write(0, ones.flip());
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      CountDownLatch going = new CountDownLatch(3);
      List<Future<Boolean>> readers = new ArrayList<>();
      for (int length : new int[] {1 << 20, PAGE, 1}) {
        readers.add(pool.submit(() -> readOnesUntilClosed(ram, length, going)));
      }
      going.await();
      ram.close();
      for (Future<Boolean> reader : readers) {
        assertTrue(reader.get());
      }
    } finally {
      pool.shutdownNow();
      assertTrue(pool.awaitTermination(30, TimeUnit.SECONDS));
    }
  }

  private static boolean readOnesUntilClosed(MappedRam ram, int length, CountDownLatch going) {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (true) {
      try {
        ram.read((1 << 20) - length, buffer.clear());
      } catch (IllegalStateException closed) {
        return true;
      }
      if (buffer.get(0) != 1 || buffer.get(length - 1) != 1) {
        return false;
      }
      going.countDown();
    }
  }

  @Test
  void a_closed_file_refuses_every_call() throws IOException {
    RamFile file = GuestMemoryFiles.best().create("x", 1 << 20);
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, () -> file.map(0, PAGE));
    assertThrows(IllegalStateException.class, () -> file.nextData(0));
    assertThrows(IllegalStateException.class, () -> file.nextHole(0));
    assertThrows(IllegalStateException.class, () -> file.punchHole(0, PAGE));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 250, 1000})
  void names_of_any_length_will_do(int length) throws IOException {
    MappedRam.create(GuestMemoryFiles.best(), "é".repeat(length), PAGE).close();
  }

  @Test
  void memory_of_no_length_is_allowed() throws IOException {
    try (MappedRam ram = MappedRam.create(GuestMemoryFiles.best(), "none", 0)) {
      assertEquals(0, ram.nextTouched(0));
      ram.discard(0, 0);
    }
  }

  private static List<Long> touchedPages(MappedRam ram) {
    List<Long> pages = new ArrayList<>();
    for (long at = ram.nextTouched(0); at < ram.length(); at = ram.nextTouched(at)) {
      long end = ram.nextUntouched(at);
      for (; at < end; at += PAGE) {
        pages.add(at / PAGE);
      }
    }
    return pages;
  }

  /** This process's resident shared pages: what its mappings of memfds hold. */
  private static long sharedMemoryKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("RssShmem:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new AssertionError("no RssShmem in /proc/self/status");
  }
}
