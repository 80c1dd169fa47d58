package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.GatheredWrite;
import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.migration.channel.OutgoingChannel;
import dev.dunlin.testing.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes and pages into a pipe; what comes out is what was put, in that order. */
@NoLeaks
class GatheredOutputTest {
  private static final int PAGE = 4096;

  private final ByteArrayOutputStream expected = new ByteArrayOutputStream();
  private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();

  /** Empties the pipe after each write, which is never larger than it. */
  private final class Wire implements OutgoingChannel {
    private final Pipe pipe;

    Wire(Pipe pipe) {
      this.pipe = pipe;
    }

    void write(IoVectors vectors) throws IOException {
      long length = vectors.bytes();
      GatheredWrite.write(pipe.writeEnd(), vectors);
      assertEquals(0, vectors.bytes(), "all of it in one call");
      take(pipe.readEnd(), (int) length);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      int length = bytes.remaining();
      pipe.writeEnd().write(bytes);
      take(pipe.readEnd(), length);
    }

    private void take(Fd from, int length) throws IOException {
      ByteBuffer room = ByteBuffer.allocateDirect(length);
      while (room.hasRemaining()) {
        from.read(room);
      }
      byte[] bytes = new byte[length];
      room.flip().get(bytes);
      arrived.write(bytes);
    }

    @Override
    public void rest(long nanos) {}

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }

  @Test
  void everything_comes_in_the_order_in_which_it_was_put() throws Exception {
    Random random = new Random(1);
    byte[] memory = new byte[64 * PAGE];
    random.nextBytes(memory);
    ByteBuffer direct = ByteBuffer.allocateDirect(memory.length).put(memory);
    try (Pipe pipe = Pipe.open()) {
      pipe.resize(1 << 20);
      Wire wire = new Wire(pipe);
      GatheredOutput out = new GatheredOutput(wire, wire::write);
      for (int i = 0; i < 1000; i++) {
        int page = random.nextInt(64) * PAGE;
        switch (random.nextInt(5)) {
          case 0 -> put(out, new byte[random.nextInt(3 * PAGE)]);
          case 1 -> {
            out.putMemory(ByteBuffer.wrap(memory), page, PAGE);
            expected.write(memory, page, PAGE);
          }
          case 2 -> {
            out.putCopy(direct, page, PAGE);
            expected.write(memory, page, PAGE);
          }
          case 3 -> {
            put(out, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            out.putMemory(direct, page, PAGE);
            expected.write(memory, page, PAGE);
          }
          default -> {
            out.putMemory(direct, page, PAGE);
            expected.write(memory, page, PAGE);
          }
        }
        assertEquals(expected.size(), out.position());
      }
      out.flush();
    }
    assertArrayEquals(expected.toByteArray(), arrived.toByteArray());
  }

  @Test
  void what_is_written_to_a_page_after_a_flush_is_not_sent() throws Exception {
    ByteBuffer page = ByteBuffer.allocateDirect(PAGE).put(0, (byte) 1);
    try (Pipe pipe = Pipe.open()) {
      Wire wire = new Wire(pipe);
      GatheredOutput out = new GatheredOutput(wire, wire::write);
      out.putMemory(page, 0, PAGE);
      out.flush();
      page.put(0, (byte) 2);
      out.flush();
    }
    assertEquals(PAGE, arrived.size());
    assertEquals(1, arrived.toByteArray()[0]);
  }

  private void put(GatheredOutput out, byte[] bytes) throws IOException {
    out.putBytes(bytes);
    expected.write(bytes);
  }
}
