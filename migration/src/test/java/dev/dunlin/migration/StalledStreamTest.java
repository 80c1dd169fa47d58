package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.hostile.Registers;
import dev.dunlin.migration.multifd.LaneBytes;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that comes slowly is loaded; one that stops holds up nobody who wants to quit. */
@NoLeaks
class StalledStreamTest {
  /** Well below the time after which the emulator stops waiting for its thread. */
  private static final Duration SOON = Duration.ofSeconds(4);

  private static final int PAGES = 4;

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  private static TestVm.Builder machine(Registers registers) {
    TestVm.Builder builder = TestVm.none(PAGES);
    registers.entries().forEach(entry -> builder.module(m -> m.withState(entry)));
    return builder;
  }

  private byte[] saved() throws Exception {
    Path file = directory.resolve("saved");
    try (TestVm source = machine(new Registers()).start().scribble(1)) {
      source.hmp("migrate file:" + file);
      assertEquals("completed", source.statusLine());
    }
    return Files.readAllBytes(file);
  }

  /** Through a pipe, a byte at a time: no read brings a whole number or name. */
  @Test
  void a_stream_that_dribbles_is_loaded() throws Exception {
    byte[] stream = saved();
    Pipe pipe = Pipe.open();
    try (TestVm target = machine(new Registers()).option("incoming", "defer").start()) {
      target.onLoop(() -> target.fds().put("in", pipe.readEnd().detach()));
      target.hmp("migrate_incoming fd:in");
      for (byte some : stream) {
        Await.until("the byte to be read", () -> pipe.pending() == 0);
        pipe.writeEnd().writeFully(ByteBuffer.allocateDirect(1).put(some).flip());
      }
      pipe.writeEnd().close();
      assertEquals("completed", target.awaitEnd());
      assertEquals(List.of(), target.complaints);
    }
  }

  /** In the header, in a page, between sections, in a device, in the description. */
  @ParameterizedTest
  @ValueSource(strings = {"fd", "unix", "exec"})
  void quit_waits_for_no_stream_wherever_it_stopped(String kind) throws Exception {
    byte[] stream = saved();
    String text = new String(stream, StandardCharsets.ISO_8859_1);
    int device = text.indexOf(Registers.IDSTR);
    int description = text.indexOf("{\"page_size\"");
    for (int length : new int[] {0, 3, 30, 5000, device - 6, device + 30, description + 9}) {
      stop(kind, java.util.Arrays.copyOf(stream, length));
    }
  }

  private void stop(String kind, byte[] start) throws Exception {
    Path file = directory.resolve("start");
    Path socket = directory.resolve("socket");
    Path mark = directory.resolve("mark");
    Files.deleteIfExists(mark);
    Files.write(file, start);
    Registers registers = new Registers();
    String before = registers.toString();
    try (Pipe pipe = Pipe.open();
        SocketChannel peer = SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
        TestVm target = machine(registers).option("incoming", "defer").start().scribble(2)) {
      byte[] memory = target.bytes("ram");
      switch (kind) {
        case "fd" -> {
          target.onLoop(() -> target.fds().put("in", pipe.readEnd().duplicate().detach()));
          target.hmp("migrate_incoming fd:in");
          pipe.writeEnd().writeFully(ByteBuffer.allocateDirect(start.length).put(start).flip());
        }
        case "unix" -> {
          target.hmp("migrate_incoming unix:" + socket);
          connect(peer, socket, start);
        }
        default -> {
          String wait = "while [ ! -e " + mark + " ]; do sleep 0.02; done";
          target.hmp("migrate_incoming \"exec:cat " + file + "; " + wait + "\"");
        }
      }
      quit(target);
      assertArrayEquals(memory, target.bytes("ram"));
      assertEquals(before, registers.toString());
      assertEquals(RunState.INMIGRATE, target.state());
      Files.createFile(mark);
      TestVm.awaitNoChildren();
    }
  }

  private static void connect(SocketChannel peer, Path socket, byte[] start) throws IOException {
    peer.connect(UnixDomainSocketAddress.of(socket));
    ByteBuffer left = ByteBuffer.wrap(start);
    while (left.hasRemaining()) {
      peer.write(left);
    }
  }

  private static void quit(TestVm target) {
    assertTimeout(SOON, target::stopModule);
  }

  /** The stream waits for a connection that says nothing after its greeting. */
  @Test
  void quit_waits_for_no_connection_of_pages() throws Exception {
    byte[] stream = saved();
    Path socket = directory.resolve("socket");
    try (SocketChannel main = SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
        SocketChannel lane = SocketChannel.open(java.net.StandardProtocolFamily.UNIX);
        TestVm target = machine(new Registers()).option("incoming", "defer").start()) {
      target.hmp("migrate_set_capability multifd on");
      target.hmp("migrate_set_parameter multifd-channels 1");
      target.hmp("migrate_incoming unix:" + socket);
      connect(main, socket, stream);
      connect(lane, socket, LaneBytes.hello(new UUID(0, 0)));
      Await.until("both to be accepted", () -> target.statusLine().equals("active"));
      quit(target);
    }
  }
}
