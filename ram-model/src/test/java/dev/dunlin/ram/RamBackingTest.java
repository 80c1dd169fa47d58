package dev.dunlin.ram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backing promises, an embedder's too: one test class over all of them. */
@NoLeaks
final class RamBackingTest {
  private static final int LENGTH = 300_000;

  /** Makes a backing of a length. */
  interface Maker {
    RamBacking make(long length) throws IOException;
  }

  private record Named(String name, Maker maker) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Named> backings() {
    return Stream.of(
        new Named("heap", HeapRam::new),
        new Named("an embedder's lazy blocks", LazyBlocksRam::new),
        new Named("mapped temporary file", n -> MappedRam.create(new NioRamFiles(), "test", n)));
  }

  @BeforeAll
  static void warmUp() throws IOException {
    MappedRam.create(new NioRamFiles(), "first", 1).close();
  }

  @ParameterizedTest
  @MethodSource("backings")
  void behaves_like_an_array_over_random_operations(Named backing) throws IOException {
    for (long seed = 1; seed <= 5; seed++) {
      try (RamBacking ram = backing.maker.make(LENGTH)) {
        compareWithArray(ram, new Random(seed), "seed " + seed);
      }
    }
  }

  private static void compareWithArray(RamBacking ram, Random random, String seed) {
    byte[] model = new byte[LENGTH];
    for (int step = 0; step < 300; step++) {
      int from = random.nextInt(LENGTH);
      int count = random.nextInt(Math.min(100_000, LENGTH - from) + 1);
      switch (random.nextInt(3)) {
        case 0 -> {
          byte[] bytes = new byte[count];
          random.nextBytes(bytes);
          ram.write(from, ByteBuffer.wrap(bytes));
          System.arraycopy(bytes, 0, model, from, count);
        }
        case 1 -> {
          ram.discard(from, count);
          Arrays.fill(model, from, from + count, (byte) 0);
        }
        default -> {
          ByteBuffer back =
              random.nextBoolean() ? ByteBuffer.allocate(count) : ByteBuffer.allocateDirect(count);
          ram.read(from, back);
          assertFalse(back.hasRemaining());
          byte[] bytes = new byte[count];
          back.flip().get(bytes);
          assertArrayEquals(Arrays.copyOfRange(model, from, from + count), bytes, seed);
        }
      }
      if (step % 20 == 0) {
        assertUntouchedIsZero(ram, model);
      }
    }
  }

  /** The promise that migration lives on: what isn't in a touched extent is zero. */
  private static void assertUntouchedIsZero(RamBacking ram, byte[] model) {
    long at = 0;
    while (at < LENGTH) {
      long touched = ram.nextTouched(at);
      for (long i = at; i < touched; i++) {
        assertEquals(0, model[(int) i], "byte " + i + " is said to be untouched");
      }
      at = touched < LENGTH ? ram.nextUntouched(touched) : LENGTH;
      assertTrue(at > touched || touched == LENGTH);
    }
  }

  @ParameterizedTest
  @MethodSource("backings")
  void an_access_outside_is_an_error_of_the_caller(Named backing) throws IOException {
    try (RamBacking ram = backing.maker.make(4096)) {
      ByteBuffer two = ByteBuffer.allocate(2);
      assertThrows(IndexOutOfBoundsException.class, () -> ram.read(4095, two));
      assertThrows(IndexOutOfBoundsException.class, () -> ram.write(-1, two));
      assertThrows(IndexOutOfBoundsException.class, () -> ram.write(Long.MAX_VALUE, two));
      assertThrows(IndexOutOfBoundsException.class, () -> ram.discard(4096, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> ram.discard(0, -1));
      assertDoesNotThrow(() -> ram.read(4096, ByteBuffer.allocate(0)));
      assertEquals(2, two.remaining());
    }
  }

  @ParameterizedTest
  @MethodSource("backings")
  void a_closed_backing_refuses_and_closes_again(Named backing) throws IOException {
    RamBacking ram = backing.maker.make(4096);
    ram.close();
    ram.close();
    ByteBuffer one = ByteBuffer.allocate(1);
    assertThrows(IllegalStateException.class, () -> ram.read(0, one));
    assertThrows(IllegalStateException.class, () -> ram.write(0, one));
    assertThrows(IllegalStateException.class, () -> ram.discard(0, 1));
    assertEquals(1, one.remaining());
  }

  @ParameterizedTest
  @MethodSource("backings")
  void a_window_shares_the_memory_in_the_hosts_byte_order(Named backing) throws IOException {
    try (RamBacking ram = backing.maker.make(1 << 20)) {
      if (ram.window(4096, 8192).isEmpty()) {
        return;
      }
      ByteBuffer window = ram.window(4096, 8192).orElseThrow();
      assertEquals(ByteOrder.nativeOrder(), window.order());
      assertEquals(8192, window.remaining());
      window.put(10, (byte) 77);
      ByteBuffer back = ByteBuffer.allocate(1);
      ram.read(4106, back);
      assertEquals(77, back.get(0));
      assertTrue(ram.nextTouched(0) <= 4106);
      ram.write(4107, ByteBuffer.wrap(new byte[] {78}));
      assertEquals(78, window.get(11));
    }
  }
}
