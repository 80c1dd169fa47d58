package dev.dunlin.core.child;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.child.Children.OwnedChild;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.posix.EpollPoller;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guarantees G7 (a failing child's last words) and G12 (never held up by a grandchild). */
@NoLeaks
class OutputTailTest {
  private HostChildren host;
  private Pipe ourStderr;
  private Pipe gate;

  @BeforeAll
  static void warmUp() throws Exception {
    try (HostChildren first = new HostChildren()) {
      first.spawn(SpawnRequest.of("true")).status().get();
    }
  }

  @BeforeEach
  void open() throws PosixException {
    host = new HostChildren();
    ourStderr = Pipe.open();
    ourStderr.readEnd().setNonBlocking(true);
    gate = Pipe.open();
  }

  @AfterEach
  void close() throws InterruptedException {
    host.close();
    ourStderr.close();
    gate.close();
  }

  @Test
  void g7_the_last_words_are_there_when_the_status_is() throws Exception {
    assertEquals("cat: no room\nreally", wordsOf("echo cat: no room >&2; echo really >&2; exit 1"));
  }

  @Test
  void g7_everything_is_passed_on_to_our_own_stderr() throws Exception {
    wordsOf("echo one >&2; echo two >&2");
    assertEquals("one\ntwo\n", readAll(ourStderr.readEnd()));
  }

  @Test
  void g7_only_the_last_lines_are_kept() throws Exception {
    String expected =
        IntStream.rangeClosed(9_993, 10_000)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining("\n"));
    assertEquals(expected, wordsOf("seq 10000 >&2"));
  }

  @Test
  void g7_a_stderr_that_nobody_reads_stops_neither_the_child_nor_the_loop() throws Exception {
    ourStderr.resize(4096);
    assertEquals(
        "end",
        wordsOf("seq 100000 >&2; printf '\\n\\n\\n\\n\\n\\n\\n\\nend' >&2")
            .replaceAll("(?s).*\n", ""));
    assertTrue(host.loop().call(() -> true));
  }

  @Test
  void g7_terminal_controls_and_broken_text_do_no_harm() throws Exception {
    assertEquals("[2Jred\uFFFD", wordsOf("printf '\\033[2Jred\\377\\r\\n\\n' >&2"));
    assertEquals("", wordsOf("exit 3"));
  }

  @Test
  void g12_a_grandchild_that_keeps_stderr_does_not_delay_the_last_words() throws Exception {
    OutputTail tail = OutputTail.open(host.loop().loop(), ourStderr.writeEnd());
    // sh gives a background command /dev/null as stdin unless it is told otherwise.
    String command = "exec 3<&0; { cat <&3 >/dev/null; echo later >&2; } & echo now >&2; exit 4";
    SpawnRequest request =
        SpawnRequest.shell(command)
            .withFds(gate.readEnd().number(), SpawnRequest.DEV_NULL, tail.childFd());
    try (OwnedChild child = host.children().spawnOwned("test", request)) {
      tail.childStarted();
      assertEquals(new ExitStatus.Exited(4), child.await(-1));
      assertEquals("now", tail.lastLines());
    }
    tail.close();
    gate.writeEnd().close();
    // The grandchild still finds a reader, and its words come through.
    StringBuilder seen = new StringBuilder();
    Await.until(
        "the grandchild's words",
        () -> seen.append(readAll(ourStderr.readEnd())).toString().equals("now\nlater\n"));
  }

  @Test
  void a_reader_hears_each_line_and_the_last_one_though_it_has_no_end() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    OutputTail tail = OutputTail.open(host.loop().loop(), heard::add);
    try (tail;
        OwnedChild child =
            sayAndWait(tail, "printf 'one\\n\\n  two\\033[2J\\n'; read go; printf three")) {
      Await.until("two lines", () -> heard.equals(List.of("one", "  two[2J")));
      gate.writeEnd().close();
      child.await(-1);
      assertEquals("one\ntwo[2J\nthree", tail.lastLines());
      assertEquals(List.of("one", "  two[2J", "three"), heard);
    }
    assertEquals("", readAll(ourStderr.readEnd()));
  }

  @Test
  void an_emulator_that_ends_right_after_a_child_leaves_no_pipe() throws Exception {
    try (EventLoop lastTurn = new EventLoop(Clock.system(), EpollPoller.open())) {
      lastTurn.adopt();
      OutputTail tail = OutputTail.open(lastTurn, ourStderr.writeEnd());
      try (OwnedChild child = sayAndWait(tail, "echo a word")) {
        child.await(-1);
      }
      tail.close();
      lastTurn.turn(0);
      assertEquals(0, lastTurn.watchCount());
    }
  }

  @Test
  void a_line_without_an_end_comes_in_pieces() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    OutputTail tail = OutputTail.open(host.loop().loop(), heard::add);
    try (tail;
        OwnedChild child = sayAndWait(tail, "head -c 10000 /dev/zero | tr '\\0' x; read go")) {
      Await.until("two pieces", () -> heard.size() == 2);
      gate.writeEnd().close();
      child.await(-1);
      tail.lastLines();
      assertEquals(List.of(4096, 4096, 1808), heard.stream().map(String::length).toList());
    }
  }

  /** Its standard input is the gate, its stderr the tail. */
  private OwnedChild sayAndWait(OutputTail tail, String command) throws PosixException {
    SpawnRequest request =
        SpawnRequest.shell("exec >&2; " + command)
            .withFds(gate.readEnd().number(), SpawnRequest.DEV_NULL, tail.childFd());
    OwnedChild child = host.children().spawnOwned("test", request);
    tail.childStarted();
    return child;
  }

  @Test
  void a_child_that_never_started_leaves_nothing() throws Exception {
    OutputTail tail = OutputTail.open(host.loop().loop(), ourStderr.writeEnd());
    tail.childStarted();
    assertEquals("", tail.lastLines());
    tail.close();
    OutputTail.open(host.loop().loop(), ourStderr.writeEnd()).close();
  }

  private String wordsOf(String command) throws PosixException {
    OutputTail tail = OutputTail.open(host.loop().loop(), ourStderr.writeEnd());
    SpawnRequest request =
        SpawnRequest.shell(command)
            .withFds(SpawnRequest.DEV_NULL, SpawnRequest.DEV_NULL, tail.childFd());
    try (tail;
        OwnedChild child = host.children().spawnOwned("test", request)) {
      tail.childStarted();
      child.await(-1);
      return tail.lastLines();
    }
  }

  private static String readAll(Fd fd) throws PosixException {
    ByteBuffer text = ByteBuffer.allocate(1 << 16);
    while (fd.read(text) instanceof IoOutcome.Transferred && text.hasRemaining()) {
      assertTrue(text.position() > 0);
    }
    return UTF_8.decode(text.flip()).toString();
  }
}
