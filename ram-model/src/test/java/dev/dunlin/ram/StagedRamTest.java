package dev.dunlin.ram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NoLeaks
final class StagedRamTest {
  private static final int PAGE = RamBlock.PAGE_SIZE;
  private static final int PAGES = 64;
  private static final NioRamFiles FILES = new NioRamFiles();

  @BeforeAll
  static void warmUp() throws IOException {
    MappedRam.create(FILES, "first", 1).close();
  }

  @Test
  void a_refused_stream_leaves_the_guest_as_it_was() throws IOException {
    try (GuestRam guest = guest("heap")) {
      byte[] before = contents(guest);
      try (StagedRam staged = StagedRam.over(guest, FILES)) {
        RamBlock block = staged.ram().block("pc.ram").orElseThrow();
        block.write(0, ByteBuffer.wrap(new byte[5 * PAGE]));
        block.discard(7 * PAGE, 20 * PAGE);
        block.write(63 * PAGE + 10, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      }
      assertArrayEquals(before, contents(guest));
    }
  }

  @Test
  void pages_that_were_never_mentioned_keep_what_the_guest_has() throws IOException {
    try (GuestRam guest = guest("mapped")) {
      byte[] expected = contents(guest);
      try (StagedRam staged = StagedRam.over(guest, FILES)) {
        RamBlock block = staged.ram().block("pc.ram").orElseThrow();
        block.write(3 * PAGE, filled(PAGE, 9));
        Arrays.fill(expected, 3 * PAGE, 4 * PAGE, (byte) 9);
        block.discard(10 * PAGE, 2 * PAGE);
        Arrays.fill(expected, 10 * PAGE, 12 * PAGE, (byte) 0);
        block.write(20 * PAGE + 5, filled(2, 8));
        expected[20 * PAGE + 5] = 8;
        expected[20 * PAGE + 6] = 8;
        staged.apply();
      }
      assertArrayEquals(expected, contents(guest));
    }
  }

  @Test
  void applying_marks_exactly_what_changed_as_dirty() throws IOException {
    try (GuestRam guest = guest("heap");
        StagedRam staged = StagedRam.over(guest, FILES)) {
      DirtyBitmap dirty = guest.block("pc.ram").orElseThrow().startTracking(DirtyClient.EMBEDDER);
      RamBlock block = staged.ram().block("pc.ram").orElseThrow();
      block.write(3 * PAGE, filled(2 * PAGE, 9));
      block.discard(10 * PAGE, PAGE);
      assertEquals(0, dirty.count());
      staged.apply();
      assertTrue(dirty.isDirty(3) && dirty.isDirty(4) && dirty.isDirty(10));
      assertEquals(3, dirty.count());
    }
  }

  /**
   * The exchange must be invisible but for its speed: kept, stale and zero pages come out right.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_block_comes_out_the_same_exchanged_or_copied(boolean windowHeld) throws IOException {
    try (GuestRam guest = guest("mapped");
        StagedRam staged = StagedRam.over(guest, FILES)) {
      RamBlock target = guest.block("pc.ram").orElseThrow();
      Optional<ByteBuffer> window =
          windowHeld ? target.backing().window(0, PAGES * PAGE) : Optional.empty();
      byte[] expected = contents(guest);
      RamBlock block = staged.ram().block("pc.ram").orElseThrow();
      block.write(2 * PAGE, filled(60 * PAGE, 5));
      block.discard(40 * PAGE, 3 * PAGE);
      Arrays.fill(expected, 2 * PAGE, 62 * PAGE, (byte) 5);
      Arrays.fill(expected, 40 * PAGE, 43 * PAGE, (byte) 0);
      DirtyBitmap dirty = target.startTracking(DirtyClient.EMBEDDER);
      staged.apply();
      assertArrayEquals(expected, contents(guest));
      assertEquals(2, dirty.nextDirty(0));
      assertTrue(dirty.isDirty(61) && !dirty.isDirty(62));
      window.ifPresent(held -> assertEquals(5, held.get(61 * PAGE), "a held window stays true"));
      target.write(0, filled(1, 77));
      assertEquals(77, contents(guest)[0]);
    }
  }

  @Test
  void ram_in_the_users_file_is_written_there_and_not_exchanged(@TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("ram");
    MappedRam memory = MappedRam.create(new PathRamFiles(file, true), "pc.ram", PAGES * PAGE);
    try (GuestRam guest =
            new GuestRam(List.of(new RamBlock("pc.ram", memory, false)), PhysicalMap.EMPTY);
        StagedRam staged = StagedRam.over(guest, FILES)) {
      staged.ram().blocks().get(0).write(0, filled(PAGES * PAGE, 6));
      staged.apply();
    }
    byte[] sixes = new byte[PAGES * PAGE];
    Arrays.fill(sixes, (byte) 6);
    assertArrayEquals(sixes, Files.readAllBytes(file));
  }

  @Test
  void zeroing_what_the_guest_never_touched_touches_nothing() throws IOException {
    RamBlock lazy = new RamBlock("pc.ram", new LazyBlocksRam(PAGES * PAGE), false);
    try (GuestRam guest = new GuestRam(List.of(lazy), PhysicalMap.EMPTY);
        StagedRam staged = StagedRam.over(guest, FILES)) {
      RamBlock block = staged.ram().block("pc.ram").orElseThrow();
      block.discard(0, PAGES * PAGE);
      block.write(5 * PAGE, filled(PAGE, 1));
      staged.apply();
      assertEquals(5 * PAGE, lazy.backing().nextTouched(0));
      assertEquals(PAGES * PAGE, lazy.backing().nextTouched(6 * PAGE));
    }
  }

  @Test
  void once_applied_or_closed_it_takes_no_more() throws IOException {
    try (GuestRam guest = guest("heap")) {
      StagedRam staged = StagedRam.over(guest, FILES);
      RamBlock block = staged.ram().block("pc.ram").orElseThrow();
      staged.apply();
      staged.close();
      assertThrows(IllegalStateException.class, () -> block.write(0, filled(1, 1)));
      assertThrows(IllegalStateException.class, staged::apply);
    }
  }

  /** Random writes, discards and reads against a copy in an array, over several backings. */
  @ParameterizedTest
  @CsvSource({"1,heap", "2,heap", "3,mapped", "4,mapped", "5,lazy", "6,lazy", "7,lazy"})
  void staging_reads_as_the_guest_will_after_apply(long seed, String kind) throws IOException {
    Random random = new Random(seed);
    try (GuestRam guest = guest(kind)) {
      byte[] untouched = contents(guest);
      byte[] model = untouched.clone();
      try (StagedRam staged = StagedRam.over(guest, FILES)) {
        RamBlock block = staged.ram().block("pc.ram").orElseThrow();
        for (int step = 0; step < 400; step++) {
          randomStep(random, block, model);
        }
        assertArrayEquals(untouched, contents(guest));
        staged.apply();
      }
      assertArrayEquals(model, contents(guest), "seed " + seed);
    }
  }

  private static void randomStep(Random random, RamBlock block, byte[] model) {
    boolean wholePages = random.nextInt(3) > 0;
    int unit = wholePages ? PAGE : 1;
    int from = random.nextInt(model.length / unit) * unit;
    int most = Math.min(wholePages ? 6 * PAGE : 9000, model.length - from);
    int count = random.nextInt(most / unit + 1) * unit;
    switch (random.nextInt(3)) {
      case 0 -> {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        block.write(from, ByteBuffer.wrap(bytes));
        System.arraycopy(bytes, 0, model, from, count);
      }
      case 1 -> {
        block.discard(from, count);
        Arrays.fill(model, from, from + count, (byte) 0);
      }
      default -> {
        byte[] bytes = new byte[count];
        block.read(from, ByteBuffer.wrap(bytes));
        assertArrayEquals(Arrays.copyOfRange(model, from, from + count), bytes);
      }
    }
  }

  /** A machine of one block, part of it written. */
  private static GuestRam guest(String kind) throws IOException {
    long length = (long) PAGES * PAGE;
    RamBacking backing =
        switch (kind) {
          case "heap" -> new HeapRam(length);
          case "mapped" -> MappedRam.create(FILES, "guest", length);
          default -> new LazyBlocksRam(length);
        };
    byte[] bytes = new byte[PAGES / 2 * PAGE];
    new Random(99).nextBytes(bytes);
    backing.write(0, ByteBuffer.wrap(bytes));
    return new GuestRam(List.of(new RamBlock("pc.ram", backing, false)), PhysicalMap.EMPTY);
  }

  private static byte[] contents(GuestRam guest) {
    RamBlock block = guest.block("pc.ram").orElseThrow();
    byte[] bytes = new byte[(int) block.length()];
    block.read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static ByteBuffer filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return ByteBuffer.wrap(bytes);
  }
}
