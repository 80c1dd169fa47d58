package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to the other side, and whenever: a true status, and the guest runs on. */
@NoLeaks
class MigrationPhasesTest {
  private static final int SMALL = 4;

  /** More than any socket holds. */
  private static final int LARGE = 8192;

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  // ---- cancelled ----

  @Test
  void cancel_while_it_connects() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("full"), 1);
        TestVm vm = TestVm.none(SMALL).start().running()) {
      List<SocketChannel> others = fillQueue(peer);
      vm.hmp("migrate -d " + peer.uri());
      assertEquals("setup", vm.statusLine());
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
      for (SocketChannel other : others) {
        other.close();
      }
    }
  }

  @Test
  void a_listener_that_is_busy_is_waited_for() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("full"), 1);
        TestVm vm = TestVm.none(SMALL).start().scribble(1).running()) {
      List<SocketChannel> others = fillQueue(peer);
      vm.hmp("migrate -d " + peer.uri());
      assertEquals("setup", vm.statusLine());
      for (SocketChannel other : others) {
        peer.accept().hangUp();
        other.close();
      }
      peer.accept();
      assertTrue(peer.readAll() > 4096);
      assertEquals("completed", vm.awaitEnd());
    }
  }

  /** Connects until the next one would have to wait. */
  private static List<SocketChannel> fillQueue(TestPeer peer) throws Exception {
    List<SocketChannel> others = new ArrayList<>();
    while (true) {
      SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX);
      other.configureBlocking(false);
      try {
        if (other.connect(peer.address())) {
          others.add(other);
          continue;
        }
      } catch (java.io.IOException full) {
        // EAGAIN: that is what was wanted.
      }
      other.close();
      return others;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix", "tcp"})
  void cancel_while_the_other_side_takes_nothing(String kind) throws Exception {
    try (TestPeer peer = TestPeer.of(kind, directory);
        TestVm vm = TestVm.none(LARGE).start().scribble(1)) {
      full(vm).running().hmp("migrate -d " + peer.uri());
      peer.accept().read(1);
      Await.until("pages to flow", () -> vm.statusLine().equals("active"));
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  @Test
  void cancel_while_the_rate_is_waited_for() throws Exception {
    try (TestPeer peer = TestPeer.tcp();
        TestVm vm = TestVm.none(LARGE).start().scribble(1)) {
      vm.hmp("migrate_set_parameter max-bandwidth 4k");
      full(vm).running().hmp("migrate -d " + peer.uri());
      peer.accept().read(4096);
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  @Test
  void cancel_before_the_switchover() throws Exception {
    try (TestPeer peer = TestPeer.tcp();
        TestVm vm = TestVm.none(SMALL).start().scribble(1).running()) {
      vm.hmp("migrate_set_capability pause-before-switchover on");
      vm.hmp("migrate -d " + peer.uri());
      peer.accept();
      Await.until("pre-switchover", () -> vm.statusLine().equals("pre-switchover"));
      assertEquals(RunState.FINISH_MIGRATE, vm.state());
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  @Test
  void cancel_while_the_last_bytes_are_waited_for() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("peer"), 1);
        TestVm vm = TestVm.none(SMALL).start().scribble(1).running()) {
      vm.hmp("migrate -d " + peer.uri());
      peer.accept();
      Await.until("the guest to be stopped", () -> vm.state() == RunState.FINISH_MIGRATE);
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  // ---- the other side goes away ----

  @ParameterizedTest
  @ValueSource(strings = {"unix", "tcp"})
  void a_peer_that_goes_while_pages_flow_fails_it(String kind) throws Exception {
    try (TestPeer peer = TestPeer.of(kind, directory);
        TestVm vm = TestVm.none(LARGE).start().scribble(1)) {
      full(vm).running().hmp("migrate -d " + peer.uri());
      peer.accept().read(100_000).hangUp();
      assertBroken(vm);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix", "tcp"})
  void a_peer_that_goes_before_the_switchover_fails_it(String kind) throws Exception {
    try (TestPeer peer = TestPeer.of(kind, directory);
        TestVm vm = TestVm.none(64).start().scribble(1).running()) {
      vm.hmp("migrate_set_capability pause-before-switchover on");
      vm.hmp("migrate -d " + peer.uri());
      peer.accept();
      Await.until("pre-switchover", () -> vm.statusLine().equals("pre-switchover"));
      peer.hangUp();
      vm.hmp("migrate_continue pre-switchover");
      assertBroken(vm);
    }
  }

  /** QEMU 7.2 calls this completed: the bytes fitted into its own kernel. */
  @Test
  void a_peer_that_goes_without_reading_the_last_bytes_fails_it() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("peer"), 1);
        TestVm vm = TestVm.none(SMALL).start().scribble(1).running()) {
      vm.hmp("migrate -d " + peer.uri());
      peer.accept().read(1);
      Await.until("the guest to be stopped", () -> vm.state() == RunState.FINISH_MIGRATE);
      assertEquals("active", vm.statusLine());
      peer.hangUp();
      assertBroken(vm);
    }
  }

  @Test
  void a_peer_that_reads_late_completes_it() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("peer"), 1);
        TestVm vm = TestVm.none(SMALL).start().scribble(1).running()) {
      vm.hmp("migrate -d " + peer.uri());
      peer.accept();
      Await.until("the guest to be stopped", () -> vm.state() == RunState.FINISH_MIGRATE);
      assertEquals("active", vm.statusLine());
      assertTrue(peer.readAll() > 4096);
      assertEquals("completed", vm.awaitEnd());
      assertEquals(RunState.POSTMIGRATE, vm.state());
    }
  }

  /** The command's pid is in a file; each phase is reached before it is killed. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "read x; cat >/dev/null | 8192 | pages flow",
        "cat >/dev/null | 8192 | the rate is waited for",
        "head -c 20000000 >/dev/null; read x | 8192 | it stops reading",
        "cat >/dev/null; read x </proc/self/fd/9 | 4 | its end is waited for",
      })
  void a_command_that_is_killed_fails_it(String command, int pages, String phase) throws Exception {
    Path pid = directory.resolve("pid");
    Path never = directory.resolve("never");
    assertEquals(0, new ProcessBuilder("mkfifo", never.toString()).start().waitFor());
    try (TestVm vm = TestVm.none(pages).start().scribble(1)) {
      if (phase.equals("the rate is waited for")) {
        vm.hmp("migrate_set_parameter max-bandwidth 4k");
      }
      String line =
          "echo $$ >"
              + pid
              + "; exec 9<>"
              + never
              + "; "
              + command.replace("read x;", "read x <&9;");
      full(vm).running().hmp("migrate -d \"exec:" + line + "\"");
      Await.until("the command to start", () -> Files.exists(pid) && Files.size(pid) > 1);
      if (phase.equals("its end is waited for")) {
        Await.until("the guest to be stopped", () -> vm.state() == RunState.FINISH_MIGRATE);
      } else {
        Await.until("pages to flow", () -> vm.statusLine().equals("active"));
      }
      ProcessHandle shell =
          ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
      List<ProcessHandle> all = Stream.concat(Stream.of(shell), shell.descendants()).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      String end = vm.awaitEnd();
      assertTrue(end.startsWith("failed ("), end);
      assertTrue(end.contains("killed by signal 9 (SIGKILL)"), end);
      assertEquals(RunState.RUNNING, vm.state());
      TestVm.awaitNoChildren();
    }
  }

  // ---- no room ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file:/dev/full | Unable to write to file: No space left on device",
        "exec:cat >/dev/full | No space left on device",
      })
  void a_full_disk_fails_it(String uri, String why) throws Exception {
    try (TestVm vm = TestVm.none(LARGE).start().scribble(1).running()) {
      vm.hmp("migrate \"" + uri + "\"");
      String line = vm.statusLine();
      assertTrue(line.startsWith("failed (") && line.contains(why), line);
      assertEquals(RunState.RUNNING, vm.state());
    }
    TestVm.awaitNoChildren();
  }

  /** Every page has something in it. */
  private static TestVm full(TestVm vm) {
    byte[] all = new byte[(int) vm.ram().totalLength()];
    java.util.Arrays.fill(all, (byte) 0x5a);
    vm.ram().blocks().get(0).write(0, java.nio.ByteBuffer.wrap(all));
    return vm;
  }

  private static void assertBroken(TestVm vm) {
    String line = vm.awaitEnd();
    assertTrue(
        line.equals("failed (Unable to write to socket: Broken pipe)")
            || line.equals("failed (Unable to write to socket: Connection reset by peer)"),
        line);
    assertEquals(RunState.RUNNING, vm.state());
  }
}
