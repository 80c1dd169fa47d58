package dev.dunlin.core.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.FdEvents;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FdTest {
  private Pipe pipe;

  @BeforeEach
  void open() throws PosixException {
    pipe = Pipe.open();
  }

  @AfterEach
  void close() {
    pipe.close();
  }

  @Test
  void bytes_travel_through_a_pipe_from_and_to_heap_buffers() throws PosixException {
    ByteBuffer out = ByteBuffer.wrap("..hello..".getBytes(UTF_8)).position(2).limit(7);
    assertEquals(new IoOutcome.Transferred(5), pipe.writeEnd().write(out));
    assertEquals(7, out.position());
    ByteBuffer in = ByteBuffer.allocate(20).position(3);
    assertEquals(new IoOutcome.Transferred(5), pipe.readEnd().read(in));
    assertEquals(8, in.position());
    assertEquals("hello", UTF_8.decode(in.flip().position(3)).toString());
  }

  @Test
  void bytes_travel_through_a_pipe_from_and_to_direct_buffers_at_their_position()
      throws PosixException {
    ByteBuffer out = ByteBuffer.allocateDirect(9).put("..hello..".getBytes(UTF_8));
    pipe.writeEnd().write(out.position(2).limit(7));
    ByteBuffer in = ByteBuffer.allocateDirect(20).position(3);
    assertEquals(new IoOutcome.Transferred(5), pipe.readEnd().read(in));
    assertEquals("hello", UTF_8.decode(in.flip().position(3)).toString());
  }

  @Test
  void only_what_fits_is_read_and_the_rest_waits() throws PosixException {
    pipe.writeEnd().write(ByteBuffer.wrap(new byte[10]));
    assertEquals(new IoOutcome.Transferred(4), pipe.readEnd().read(ByteBuffer.allocate(4)));
    assertEquals(6, pipe.pending());
    assertEquals(6, pipe.readEnd().available());
  }

  @Test
  void an_empty_non_blocking_pipe_would_block_and_a_closed_one_ends() throws PosixException {
    pipe.readEnd().setNonBlocking(true);
    assertTrue(pipe.readEnd().isNonBlocking());
    assertEquals(IoOutcome.WOULD_BLOCK, pipe.readEnd().read(ByteBuffer.allocate(1)));
    pipe.writeEnd().close();
    assertEquals(IoOutcome.END_OF_STREAM, pipe.readEnd().read(ByteBuffer.allocate(1)));
  }

  @Test
  void a_full_non_blocking_pipe_would_block() throws PosixException {
    pipe.writeEnd().setNonBlocking(true);
    int size = pipe.resize(4096);
    assertEquals(new IoOutcome.Transferred(size), pipe.writeEnd().write(ByteBuffer.allocate(size)));
    assertEquals(IoOutcome.WOULD_BLOCK, pipe.writeEnd().write(ByteBuffer.allocate(1)));
  }

  @Test
  void writing_everything_waits_for_a_slow_reader() throws Exception {
    pipe.writeEnd().setNonBlocking(true);
    ByteBuffer all = ByteBuffer.allocate(500_000);
    Thread reader = new Thread(() -> drain(pipe.readEnd()));
    reader.start();
    pipe.writeEnd().writeFully(all);
    assertFalse(all.hasRemaining());
    pipe.writeEnd().close();
    reader.join();
  }

  @Test
  void a_pipe_without_reader_breaks() {
    pipe.readEnd().close();
    PosixException e =
        assertThrows(
            PosixException.class, () -> pipe.writeEnd().write(ByteBuffer.wrap(new byte[1])));
    assertEquals(Errno.EPIPE, e.errno());
    assertEquals("write fd " + pipe.writeEnd().number() + ": Broken pipe", e.getMessage());
  }

  @Test
  void an_error_of_open_names_the_file() {
    PosixException e =
        assertThrows(PosixException.class, () -> Fd.open("/no/such", Fcntl.O_RDONLY, 0));
    assertEquals("open \"/no/such\": No such file or directory", e.getMessage());
  }

  @Test
  void everything_opened_here_is_close_on_exec() throws PosixException {
    try (Fd file = Fd.open("/dev/null", Fcntl.O_RDONLY, 0);
        Fd copy = file.duplicate();
        EventFd event = EventFd.open()) {
      assertTrue(file.isCloseOnExec());
      assertTrue(copy.isCloseOnExec());
      assertTrue(Fd.borrowing(event.number()).isCloseOnExec());
      assertTrue(pipe.readEnd().isCloseOnExec());
      assertTrue(pipe.writeEnd().isCloseOnExec());
      copy.setCloseOnExec(false);
      assertFalse(copy.isCloseOnExec());
    }
  }

  @Test
  void a_closed_descriptor_refuses_to_work_and_is_closed_once() throws PosixException {
    int number = pipe.readEnd().number();
    pipe.readEnd().close();
    assertFalse(new File("/proc/self/fd/" + number).exists());
    try (Fd reused = Fd.borrowing(pipe.writeEnd().number()).duplicate()) {
      pipe.readEnd().close();
      assertTrue(reused.isOpen());
      PosixException e =
          assertThrows(PosixException.class, () -> pipe.readEnd().read(ByteBuffer.allocate(1)));
      assertEquals(Errno.EBADF, e.errno());
      assertTrue(reused.isCloseOnExec(), "still the kernel's, not closed by the second close");
    }
  }

  @Test
  void closing_under_a_blocked_reader_waits_for_the_reader_to_leave() throws Exception {
    int number = pipe.readEnd().number();
    CountDownLatch reading = new CountDownLatch(1);
    Thread reader =
        new Thread(
            () -> {
              reading.countDown();
              drain(pipe.readEnd());
            });
    reader.start();
    reading.await();
    while (!pipe.readEnd().isInUse()) {
      Thread.onSpinWait();
    }
    pipe.readEnd().close();
    assertTrue(new File("/proc/self/fd/" + number).exists());
    pipe.writeEnd().write(ByteBuffer.wrap(new byte[1]));
    reader.join();
    assertFalse(new File("/proc/self/fd/" + number).exists());
  }

  @Test
  void a_detached_number_is_left_open() throws PosixException {
    Fd copy = pipe.readEnd().duplicate();
    int number = copy.detach();
    copy.close();
    assertFalse(copy.isOpen());
    try (Fd again = Fd.owning(number)) {
      assertTrue(again.isCloseOnExec());
    }
  }

  @Test
  void a_borrowed_descriptor_survives_its_close() throws PosixException {
    Fd.borrowing(pipe.writeEnd().number()).close();
    assertTrue(pipe.writeEnd().isCloseOnExec());
  }

  @Test
  void waiting_for_readiness_ends_with_it_or_with_the_time() throws PosixException {
    assertFalse(pipe.readEnd().await(FdEvents.READ, 0));
    assertFalse(pipe.readEnd().await(FdEvents.READ, 2_000_000));
    pipe.writeEnd().write(ByteBuffer.wrap(new byte[1]));
    assertTrue(pipe.readEnd().await(FdEvents.READ, -1));
  }

  @Test
  void the_pipe_grows_when_asked() throws PosixException {
    assertEquals(1 << 20, pipe.resize(1 << 20));
  }

  @Test
  void a_size_too_small_for_what_waits_leaves_the_pipe_as_it_is() throws PosixException {
    int before = pipe.resize(65_536);
    pipe.writeEnd().write(ByteBuffer.allocate(40_000));
    assertEquals(before, pipe.resize(4096));
    assertEquals(40_000, pipe.pending());
  }

  @Test
  void the_write_end_can_become_a_channel_that_ends_the_stream_when_closed() throws Exception {
    try (FileChannel channel = pipe.takeWriteChannel()) {
      assertFalse(pipe.writeEnd().isOpen());
      assertEquals(3, channel.write(UTF_8.encode("abc")));
      assertEquals(3, pipe.pending());
    }
    ByteBuffer in = ByteBuffer.allocate(9);
    pipe.readEnd().read(in);
    assertEquals(IoOutcome.END_OF_STREAM, pipe.readEnd().read(in));
  }

  @Test
  void an_eventfd_is_readable_from_signal_to_drain_and_harmless_after_close()
      throws PosixException {
    EventFd event = EventFd.open();
    Fd view = Fd.borrowing(event.number());
    assertFalse(event.drain());
    event.signal();
    event.signal();
    assertTrue(view.await(FdEvents.READ, 0));
    assertTrue(event.drain());
    assertFalse(view.await(FdEvents.READ, 0));
    event.close();
    event.signal();
  }

  private static void drain(Fd fd) {
    try {
      ByteBuffer buffer = ByteBuffer.allocateDirect(8192);
      while (fd.read(buffer.clear()) instanceof IoOutcome.Transferred) {
        assertTrue(buffer.position() > 0);
      }
    } catch (PosixException closedMeanwhile) {
      assertEquals(Errno.EBADF, closedMeanwhile.errno());
    }
  }
}
