package dev.dunlin.core.child;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.child.Children.OwnedChild;
import dev.dunlin.core.child.HostChildren.Helper;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.PidFd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.Spawner;
import dev.dunlin.core.posix.WaitStatus;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.ProcFs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The guarantees on the real kernel. */
@NoLeaks
class ChildrenOnHostTest {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;

  private HostChildren host;

  /** What the JVM opens and starts once and for ever. */
  @BeforeAll
  static void warmUp() throws Exception {
    try (HostChildren first = new HostChildren()) {
      first.spawn(SpawnRequest.of("true")).status().get();
    }
    new ProcessBuilder("true").start().waitFor();
  }

  @BeforeEach
  void open() throws PosixException {
    host = new HostChildren();
  }

  @AfterEach
  void close() throws InterruptedException {
    host.close();
  }

  @Test
  void g1_only_registered_pids_are_ever_waited_for() throws Exception {
    // The first is nobody's but the test's; nothing of ours may collect it meanwhile.
    try (PidFd stranger = Spawner.spawn(SpawnRequest.shell("exit 9"))) {
      assertTrue(stranger.awaitEnd(-1));
      Process process = new ProcessBuilder("sh", "-c", "exit 8").start();
      for (int i = 0; i < 20; i++) {
        assertEquals(
            new ExitStatus.Exited(i), host.spawn(SpawnRequest.shell("exit " + i)).status().get());
      }
      assertEquals(8, process.waitFor());
      assertEquals(new WaitStatus.Exited(9), stranger.collect());
    }
  }

  @Test
  void g14_a_child_that_outlives_its_emulator_is_collected_when_it_ends() throws Exception {
    HostChildren shortLived = new HostChildren();
    Helper helper = shortLived.spawn(SpawnRequest.of("sleep", "100"));
    int pid = helper.child().pid();
    shortLived.close();
    assertTrue(isChild(pid), "closing killed it");
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    Await.until("the collection of " + pid, () -> !isChild(pid));
  }

  private static boolean isChild(int pid) {
    return ProcFs.children(ProcessHandle.current().pid()).stream()
        .anyMatch(child -> child.pid() == pid);
  }

  @Test
  void g2_however_short_a_life_its_status_arrives() throws Exception {
    List<Helper> helpers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      helpers.add(host.spawn(SpawnRequest.of("false")));
    }
    for (Helper helper : helpers) {
      assertEquals(new ExitStatus.Exited(1), helper.status().get());
    }
  }

  @Test
  void g4_a_streams_child_gives_its_true_status_on_the_streams_own_thread() throws Exception {
    for (int code = 0; code < 10; code++) {
      try (OwnedChild child = owned("exit " + code)) {
        assertEquals(new ExitStatus.Exited(code), child.await(-1));
      }
    }
  }

  @Test
  void g5_outcomes_are_distinct() throws Exception {
    assertEquals(new ExitStatus.Exited(137), statusOf("exit 137"));
    assertEquals(new ExitStatus.Signalled(9, false), statusOf("kill -9 $$"));
    PosixException none =
        assertThrows(
            PosixException.class,
            () -> host.children().spawnOwned("test", SpawnRequest.of("/no/such/program")));
    assertEquals(Errno.ENOENT, none.errno());
    try (OwnedChild child = owned("exec sleep 1000")) {
      assertEquals(new ExitStatus.TimedOut(Duration.ofMillis(20)), child.await(20_000_000));
      child.signal(SIGKILL);
      assertEquals(new ExitStatus.Signalled(9, false), child.await(-1));
    }
  }

  @Test
  void g8_a_signal_reaches_this_child_or_nobody() throws Exception {
    Helper helper = host.spawn(SpawnRequest.of("sleep", "1000"));
    assertTrue(host.loop().call(() -> helper.child().signal(SIGTERM)));
    assertEquals(new ExitStatus.Signalled(SIGTERM, false), helper.status().get());
    assertFalse(host.loop().call(() -> helper.child().signal(SIGTERM)));
  }

  @Test
  void g9_closing_a_stream_kills_nobody_and_the_reaper_collects_later() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      OwnedChild child =
          host.children()
              .spawnOwned(
                  "stream",
                  SpawnRequest.of("cat")
                      .withFds(
                          pipe.readEnd().number(), SpawnRequest.DEV_NULL, SpawnRequest.INHERIT));
      child.close();
      host.loop().call(() -> true);
      assertEquals(1, host.children().table().live().size());
      pipe.writeEnd().close();
      Await.until("cat's collection", () -> host.children().table().live().isEmpty());
      assertEquals(
          new ExitStatus.Exited(0),
          host.children().table().history().get(0).status().orElseThrow());
    }
  }

  @Test
  void g9_an_escalation_ends_a_child_that_ignores_the_polite_signal() throws Exception {
    try (Pipe ready = Pipe.open();
        OwnedChild child =
            host.children()
                .spawnOwned(
                    "stubborn",
                    SpawnRequest.shell("trap '' TERM; echo; while :; do sleep 1000; done")
                        .withFds(
                            SpawnRequest.DEV_NULL, ready.writeEnd().number(), SpawnRequest.INHERIT)
                        .inOwnSession())) {
      ready.readEnd().read(ByteBuffer.allocate(1));
      ExitStatus status =
          Escalation.patience(Duration.ZERO)
              .thenSignal(SIGTERM, Duration.ofMillis(20))
              .thenSignal(SIGKILL, Duration.ofSeconds(60))
              .end(child);
      assertEquals(new ExitStatus.Signalled(SIGKILL, false), status);
      new ProcessBuilder("pkill", "-KILL", "-s", "" + child.pid()).start().waitFor();
    }
  }

  @Test
  void g12_a_grandchild_that_holds_the_pipe_does_not_delay_the_notice() throws Exception {
    try (Pipe output = Pipe.open()) {
      SpawnRequest request =
          SpawnRequest.shell("sleep 1000 & echo $!; exit 6")
              .withFds(SpawnRequest.DEV_NULL, output.writeEnd().number(), SpawnRequest.INHERIT);
      try (OwnedChild child = host.children().spawnOwned("test", request)) {
        assertEquals(new ExitStatus.Exited(6), child.await(-1));
      }
      ByteBuffer text = ByteBuffer.allocate(32);
      output.readEnd().read(text);
      String pid = new String(text.array(), 0, text.position() - 1, UTF_8);
      assertTrue(ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly());
    }
  }

  @Test
  void g14_no_zombie_after_hundreds_of_children_beside_those_of_java() throws Exception {
    manyChildren(60, 40, 4);
  }

  @Test
  @Tag("soak")
  void g14_no_zombie_after_thousands_of_children_beside_those_of_java() throws Exception {
    manyChildren(1_500, 500, 6);
  }

  /** Helpers, streams and java.lang.Process at once, each with a status of its own to check. */
  private void manyChildren(int rounds, int ofJava, int threads) throws Exception {
    List<CompletableFuture<Void>> workers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int seed = t;
      workers.add(
          CompletableFuture.runAsync(
              () -> javasOwn(seed, ofJava), task -> new Thread(task).start()));
      workers.add(
          CompletableFuture.runAsync(
              () -> streams(seed, rounds / 2), task -> new Thread(task).start()));
    }
    List<Helper> helpers = new ArrayList<>();
    for (int i = 0; i < rounds * threads; i++) {
      helpers.add(host.spawn(SpawnRequest.shell("exit " + i % 200)));
    }
    for (int i = 0; i < helpers.size(); i++) {
      assertEquals(new ExitStatus.Exited(i % 200), helpers.get(i).status().get());
    }
    for (CompletableFuture<Void> worker : workers) {
      worker.get();
    }
    Await.until("the end of all children", () -> mine().isEmpty());
    ChildCounters counters = host.children().table().counters();
    assertEquals(0, counters.lost());
    assertEquals(counters.started(), counters.succeeded() + counters.failed());
  }

  private void streams(int seed, int count) {
    for (int i = 0; i < count; i++) {
      int code = (seed * 31 + i) % 200;
      try (OwnedChild child = owned("exit " + code)) {
        assertEquals(new ExitStatus.Exited(code), child.await(-1));
      } catch (PosixException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void javasOwn(int seed, int count) {
    for (int i = 0; i < count; i++) {
      int code = (seed * 17 + i) % 200;
      try {
        assertEquals(code, new ProcessBuilder("sh", "-c", "exit " + code).start().waitFor());
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static List<ProcFs.Process> mine() {
    return ProcFs.children(ProcessHandle.current().pid());
  }

  private OwnedChild owned(String command) throws PosixException {
    return host.children().spawnOwned("test", SpawnRequest.shell(command));
  }

  private ExitStatus statusOf(String command) throws PosixException {
    try (OwnedChild child = owned(command)) {
      ExitStatus status = child.await(-1);
      assertFalse(assertInstanceOf(ExitStatus.class, status) instanceof ExitStatus.Lost);
      return status;
    }
  }
}
