package dev.dunlin.core.posix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.FdEvents;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PipeSpliceTest {
  private static final int SIZE = 300_000;

  private static byte[] noise(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Where the kernel can point at them. */
  private static ByteBuffer inMemory(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  @Test
  void what_vectors_point_at_arrives_in_order_whatever_the_pipe_takes_at_a_time() throws Exception {
    byte[] bytes = noise(SIZE, 1);
    ByteBuffer memory = inMemory(bytes);
    long base = PipeSplice.address(memory);
    IoVectors vectors = new IoVectors();
    for (int at = 0, length = 1; at < SIZE; at += length, length = length * 3 % 4099 + 1) {
      vectors.add(base + at, Math.min(length, SIZE - at));
    }
    assertEquals(SIZE, vectors.bytes());
    byte[] received = new byte[SIZE];
    try (Pipe pipe = Pipe.open()) {
      pipe.writeEnd().setNonBlocking(true);
      ByteBuffer into = ByteBuffer.allocateDirect(10_000);
      int got = 0;
      while (got < SIZE) {
        while (!vectors.isEmpty()
            && PipeSplice.splice(pipe.writeEnd(), vectors) instanceof IoOutcome.Transferred) {}
        pipe.readEnd().read(into.clear());
        int count = into.flip().remaining();
        into.get(received, got, count);
        got += count;
      }
    }
    assertTrue(vectors.isEmpty());
    assertEquals(0, vectors.bytes());
    assertArrayEquals(bytes, received);
  }

  /** So much that neither socket's buffer may grow to it. */
  private static final int LARGE = 24 << 20;

  @Test
  void what_lies_in_a_pipe_goes_on_into_a_socket_until_that_is_full() throws Exception {
    byte[] bytes = noise(LARGE, 2);
    ByteBuffer memory = inMemory(bytes);
    IoVectors vectors = new IoVectors();
    vectors.add(PipeSplice.address(memory), LARGE);
    ByteBuffer received = ByteBuffer.allocateDirect(LARGE);
    boolean wasFull = false;
    try (Pipe pipe = Pipe.open();
        LoopbackPair sockets = LoopbackPair.open()) {
      while (received.hasRemaining()) {
        if (!vectors.isEmpty()) {
          PipeSplice.splice(pipe.writeEnd(), vectors);
        }
        IoOutcome outcome = PipeSplice.move(pipe.readEnd(), sockets.ours().fd(), LARGE);
        if (outcome instanceof IoOutcome.WouldBlock) {
          wasFull |= pipe.pending() > 0;
          sockets.theirs().fd().read(received);
        }
      }
      assertEquals(IoOutcome.WOULD_BLOCK, PipeSplice.move(pipe.readEnd(), sockets.ours().fd(), 1));
    }
    assertTrue(wasFull);
    assertEquals(ByteBuffer.wrap(bytes), received.flip());
  }

  @Test
  void pieces_that_touch_become_one_vector_and_others_stay_apart() {
    IoVectors vectors = new IoVectors();
    vectors.add(1000, 10);
    vectors.add(1010, 10);
    assertEquals(IoVectors.MAX - 1, vectors.room());
    vectors.add(2000, 5);
    assertEquals(IoVectors.MAX - 2, vectors.room());
    vectors.consume(20);
    assertEquals(1, vectors.count());
    vectors.consume(4);
    assertEquals(1, vectors.bytes());
    vectors.consume(1);
    assertTrue(vectors.isEmpty());
    assertEquals(IoVectors.MAX, vectors.room());
  }

  @Test
  void a_full_pipe_is_no_error_and_a_reader_that_is_gone_is() throws Exception {
    ByteBuffer memory = ByteBuffer.allocateDirect(4096);
    try (Pipe pipe = Pipe.open()) {
      pipe.writeEnd().setNonBlocking(true);
      IoOutcome outcome = new IoOutcome.Transferred(0);
      while (outcome instanceof IoOutcome.Transferred) {
        IoVectors vectors = new IoVectors();
        vectors.add(PipeSplice.address(memory), 4096);
        outcome = PipeSplice.splice(pipe.writeEnd(), vectors);
      }
      assertInstanceOf(IoOutcome.WouldBlock.class, outcome);
      FdWait wait = FdWait.of(1).set(0, pipe.writeEnd().number(), FdEvents.NONE);
      assertFalse(wait.await(0));
      pipe.readEnd().close();
      assertTrue(wait.await(-1));
      assertTrue(wait.found(0).hangup());
    }
  }

  @Test
  void a_wait_for_several_tells_which_one_is_ready() throws Exception {
    try (Pipe quiet = Pipe.open();
        EventFd event = EventFd.open()) {
      FdWait wait =
          FdWait.of(2)
              .set(0, quiet.readEnd().number(), FdEvents.READ)
              .set(1, event.number(), FdEvents.READ);
      assertFalse(wait.await(1_000_000));
      event.signal();
      assertTrue(wait.await(-1));
      assertFalse(wait.found(0).readable());
      assertTrue(wait.found(1).readable());
    }
  }
}
