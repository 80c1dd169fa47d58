package dev.dunlin.core.chardev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Devices against the real kernel, without a monitor on them. */
@NoLeaks
@Timeout(120)
final class ChardevsOnHostTest {
  @TempDir Path directory;

  /** A loop, its devices, and a frontend that keeps what it hears. */
  private static final class Bench implements AutoCloseable, Chardev.Frontend {
    final LoopThread thread;
    final Chardevs devices;
    final List<String> notices = new CopyOnWriteArrayList<>();
    final List<String> heard = new CopyOnWriteArrayList<>();
    final ByteArrayOutputStream input = new ByteArrayOutputStream();

    Bench() throws Exception {
      thread = LoopThread.start();
      devices = new Chardevs(thread.loop(), new FdStore());
      devices.tellNotices(notices::add);
    }

    Chardev open(String option) throws Exception {
      ChardevSyntax.Named named = ChardevSyntax.parseOption(option);
      return on(
          () -> {
            Chardev device = devices.add(named.id(), named.spec());
            device.attach(this);
            return device;
          });
    }

    void write(Chardev device, byte[] bytes) throws Exception {
      on(
          () -> {
            device.write(bytes);
            return true;
          });
    }

    <T> T on(Callable<T> task) throws Exception {
      return thread.call(task);
    }

    synchronized String text() {
      return input.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void opened() {
      heard.add("opened");
    }

    @Override
    public synchronized void received(ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        input.write(bytes.get());
      }
    }

    @Override
    public void writable() {
      heard.add("writable");
    }

    @Override
    public void closed() {
      heard.add("closed");
    }

    @Override
    public void close() throws Exception {
      on(
          () -> {
            devices.close();
            return true;
          });
      thread.close();
    }
  }

  @Test
  void a_pseudo_terminal_is_named_and_opens_when_somebody_opens_it() throws Exception {
    try (Bench bench = new Bench()) {
      Chardev pty = bench.open("pty,id=p");
      String name = bench.on(pty::filename).substring("pty:".length());
      assertEquals(
          List.of("char device redirected to " + name + " (label p)"), List.copyOf(bench.notices));
      assertFalse(bench.on(pty::isOpen));
      for (int i = 1; i <= 2; i++) {
        int times = i;
        try (RandomAccessFile user = new RandomAccessFile(name, "rw")) {
          Await.until("somebody is there", () -> count(bench, "opened") == times);
          user.write("typed\n".getBytes(StandardCharsets.US_ASCII));
          Await.until("input", () -> bench.text().equals("typed\n".repeat(times)));
          // Raw: nothing is echoed, and a newline stays one byte.
          bench.write(pty, "said\n".getBytes(StandardCharsets.US_ASCII));
          byte[] said = new byte[5];
          user.readFully(said);
          assertEquals("said\n", new String(said, StandardCharsets.US_ASCII));
        }
        Await.until("nobody is there", () -> count(bench, "closed") == times);
        assertFalse(bench.on(pty::isOver), "somebody may come again");
      }
    }
  }

  private static long count(Bench bench, String what) {
    return bench.heard.stream().filter(what::equals).count();
  }

  @Test
  void a_serial_line_is_opened_raw() throws Exception {
    try (Bench bench = new Bench()) {
      Chardev pty = bench.open("pty,id=p");
      String line = bench.on(pty::filename).substring("pty:".length());
      bench.on(
          () -> {
            pty.detach();
            return true;
          });
      Chardev serial = bench.open("serial,id=s,path=" + line);
      Await.until("the terminal's other side", () -> bench.on(pty::isOpen));
      bench.write(pty, "a\r\n\u0003".getBytes(StandardCharsets.US_ASCII));
      Await.until("all four bytes", () -> bench.text().equals("a\r\n\u0003"));
      assertEquals("serial", bench.on(serial::filename));
    }
  }

  @Test
  void output_to_a_fifo_waits_for_its_reader_and_none_is_lost() throws Exception {
    Path fifo = directory.resolve("fifo");
    new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor();
    byte[] all = new byte[1_000_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) (i * 31 >> 3);
    }
    // Opened for both by us, so that neither side waits for the other.
    try (RandomAccessFile both = new RandomAccessFile(fifo.toFile(), "rw");
        Bench bench = new Bench()) {
      Chardev file = bench.open("file,id=f,path=" + fifo);
      bench.write(file, all);
      assertTrue(bench.on(file::isCongested));
      byte[] got = new byte[all.length];
      both.readFully(got);
      assertEquals(ByteBuffer.wrap(all), ByteBuffer.wrap(got));
      Await.until("the queue is empty", () -> bench.on(file::queued) == 0);
      assertFalse(bench.on(file::isCongested));
      Await.until("its frontend hears", () -> bench.heard.contains("writable"));
    }
  }

  @Test
  void a_client_that_was_left_is_over_and_a_server_never() throws Exception {
    try (ServerSocket listener = new ServerSocket(0);
        Bench bench = new Bench()) {
      Chardev client = bench.open("socket,id=c,host=127.0.0.1,port=" + listener.getLocalPort());
      Chardev server = bench.open("socket,id=s,server=on,wait=off,host=127.0.0.1,port=0");
      try (Socket accepted = listener.accept();
          InputStream in = accepted.getInputStream()) {
        assertTrue(bench.on(client::takesOutput));
        assertFalse(bench.on(client::isOver));
        bench.write(client, new byte[] {7});
        assertEquals(7, in.read());
      }
      Await.until("the client knows", () -> bench.on(client::isOver));
      assertFalse(bench.on(client::takesOutput));
      assertFalse(bench.on(server::takesOutput));
      assertFalse(bench.on(server::isOver));
    }
  }

  @Test
  void what_keeps_or_swallows_its_output_always_takes_it() throws Exception {
    try (Bench bench = new Bench()) {
      for (String option :
          List.of("null,id=n", "ringbuf,id=r,size=4", "file,id=f,path=" + directory.resolve("f"))) {
        Chardev device = bench.open(option);
        assertTrue(bench.on(device::takesOutput), option);
        bench.write(device, "12345".getBytes(StandardCharsets.US_ASCII));
        assertFalse(bench.on(device::isCongested), option);
        assertFalse(bench.on(device::isOver), option);
      }
      assertEquals("12345", Files.readString(directory.resolve("f")));
    }
  }

  @Test
  void a_terminal_that_is_not_there_is_refused() throws Exception {
    try (Bench bench = new Bench()) {
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class, () -> bench.open("serial,id=s,path=/dev/no-such"));
      OptionException sentence = assertInstanceOf(OptionException.class, refused.getCause());
      assertEquals(
          "Could not open '/dev/no-such': No such file or directory", sentence.getMessage());
    }
  }
}
