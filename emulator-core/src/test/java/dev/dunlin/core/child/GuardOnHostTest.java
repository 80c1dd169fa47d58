package dev.dunlin.core.child;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.child.HostChildren.Helper;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PidFd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.Spawner;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.JavaProcess;
import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Guarantee G10 with real processes: helpers die with the emulator, however it ends. */
@NoLeaks
class GuardOnHostTest {
  /** A helper as awkward as can be: deaf to signals, with a child in a process group of its own. */
  private static final String AWKWARD =
      "trap '' TERM HUP INT; set -m; sleep 1000 & echo $$ $!; while :; do wait; done";

  @BeforeAll
  static void warmUp() throws Exception {
    try (HostChildren first = new HostChildren()) {
      first.spawn(SpawnRequest.of("true")).status().get();
    }
    new ProcessBuilder("true").start().waitFor();
  }

  /** An emulator in a JVM of its own: starts two helpers and waits to be killed. */
  static final class DoomedVm {
    private DoomedVm() {}

    public static void main(String[] arguments) throws Exception {
      try (HostChildren host = new HostChildren()) {
        for (int i = 0; i < 2; i++) {
          System.out.println(startAwkward(host));
        }
        System.out.println("ready");
        Thread.currentThread().join();
      }
    }
  }

  @Test
  void g10_helpers_die_with_an_emulator_that_is_killed() {
    List<Long> helpers = new ArrayList<>();
    try (ChildProcess vm = JavaProcess.start(DoomedVm.class)) {
      vm.stdout().awaitAfter(0, "ready\n", Await.GENEROUS);
      vm.stdout()
          .text()
          .lines()
          .limit(2)
          .forEach(
              line ->
                  Splitter.on(' ').split(line).forEach(pid -> helpers.add(Long.parseLong(pid))));
      assertEquals(4, helpers.size());
      helpers.forEach(pid -> assertTrue(isAlive(pid), "helper " + pid));
      List<Long> guards = guardsOf(vm.pid());
      assertEquals(1, guards.size());
      vm.signal("KILL");
      for (long pid : helpers) {
        Await.until("the end of helper " + pid, () -> !isAlive(pid));
      }
      Await.until("the end of the guard", () -> !isAlive(guards.get(0)));
    }
  }

  @Test
  void g10_a_helper_that_has_ended_is_not_mistaken_for_its_pids_next_owner() throws Exception {
    // The guard is told a start time that isn't this process's: the number has a new owner.
    try (Pipe pipe = Pipe.open();
        PidFd stranger = Spawner.spawn(SpawnRequest.of("sleep", "1000").inOwnSession());
        PidFd guard = startGuard(pipe, "list=' m.:" + stranger.pid() + ":1 '; ")) {
      pipe.writeEnd().close();
      guard.awaitEnd(-1);
      guard.collect();
      assertFalse(stranger.awaitEnd(0), "a stranger was killed");
      stranger.signal(9);
      stranger.awaitEnd(-1);
      stranger.collect();
    }
  }

  @Test
  void g10_a_helper_whose_pid_was_never_told_is_found_by_its_mark() throws Exception {
    try (Pipe pipe = Pipe.open();
        PidFd unknown =
            Spawner.spawn(
                SpawnRequest.of("sleep", "1000").inOwnSession(),
                ImmutableMap.of(HelperGuard.MARK, "1.2.3."));
        PidFd other =
            Spawner.spawn(
                SpawnRequest.of("sleep", "1000").inOwnSession(),
                ImmutableMap.of(HelperGuard.MARK, "1.2.33."));
        PidFd guard = startGuard(pipe, "")) {
      say(pipe, "? 1.2.3.\n");
      pipe.writeEnd().close();
      assertTrue(unknown.awaitEnd(-1));
      unknown.collect();
      guard.awaitEnd(-1);
      guard.collect();
      assertFalse(other.awaitEnd(0));
      other.signal(9);
      other.awaitEnd(-1);
      other.collect();
    }
  }

  @Test
  void g10_what_is_forgotten_is_left_alone_and_the_rest_of_a_session_is_not() throws Exception {
    try (Pipe pipe = Pipe.open();
        Pipe output = Pipe.open();
        PidFd forgotten = Spawner.spawn(SpawnRequest.of("sleep", "1000").inOwnSession());
        PidFd first = Spawner.spawn(SpawnRequest.of("sleep", "1000").inOwnSession());
        PidFd last =
            Spawner.spawn(
                SpawnRequest.shell(AWKWARD)
                    .withFds(
                        SpawnRequest.DEV_NULL, output.writeEnd().number(), SpawnRequest.INHERIT)
                    .inOwnSession());
        PidFd guard = startGuard(pipe, "")) {
      List<String> pids = Splitter.on(' ').splitToList(readLine(output));
      say(pipe, "? a.\n+ a. " + first.pid() + "\n? b.\n+ b. " + forgotten.pid() + "\n? c.\n");
      say(pipe, "+ c. " + last.pid() + "\n- b.\n- nobody.\n");
      pipe.writeEnd().close();
      for (PidFd ended : List.of(first, last, guard)) {
        assertTrue(ended.awaitEnd(-1));
        ended.collect();
      }
      Await.until("the end of the grandchild", () -> !isAlive(Long.parseLong(pids.get(1))));
      assertFalse(forgotten.awaitEnd(0));
      forgotten.signal(9);
      forgotten.awaitEnd(-1);
      forgotten.collect();
    }
  }

  @Test
  void g10_an_orderly_end_takes_helpers_and_guard_along() throws Exception {
    Helper helper;
    try (HostChildren host = new HostChildren()) {
      helper = host.spawn(SpawnRequest.of("sleep", "1000").dyingWithVm());
    }
    assertEquals(new ExitStatus.Signalled(15, false), helper.status().get());
  }

  @Test
  void g10_a_guard_that_is_killed_comes_back() throws Exception {
    try (HostChildren host = new HostChildren()) {
      Helper helper = host.spawn(SpawnRequest.of("sleep", "1000").dyingWithVm());
      long self = ProcessHandle.current().pid();
      long guard = guardsOf(self).get(0);
      // One that dies in its first second isn't replaced at once, but with the next helper.
      ProcessHandle.of(guard).orElseThrow().destroyForcibly();
      Await.until("the end of the guard", () -> !guardsOf(self).contains(guard));
      Helper second = host.spawn(SpawnRequest.of("sleep", "1000").dyingWithVm());
      Await.until("another guard", () -> guardsOf(self).size() == 1);
      assertTrue(isAlive(helper.child().pid()) && isAlive(second.child().pid()));
    }
  }

  private static String startAwkward(HostChildren host) throws Exception {
    try (Pipe output = Pipe.open()) {
      host.spawn(
          SpawnRequest.shell(AWKWARD)
              .withFds(SpawnRequest.DEV_NULL, output.writeEnd().number(), SpawnRequest.DEV_NULL)
              .dyingWithVm());
      return readLine(output);
    }
  }

  private static String readLine(Pipe output) throws Exception {
    ByteBuffer text = ByteBuffer.allocate(64);
    while (text.position() == 0 || text.get(text.position() - 1) != '\n') {
      assertTrue(output.readEnd().read(text) instanceof IoOutcome.Transferred);
    }
    return UTF_8.decode(text.flip()).toString().trim();
  }

  private static PidFd startGuard(Pipe pipe, String prologue) throws Exception {
    String script =
        prologue.isEmpty()
            ? GuardScript.TEXT
            : GuardScript.TEXT.replace("list=' '\n", prologue + "\n");
    return Spawner.spawn(
        SpawnRequest.of("/bin/sh", "-c", script, "dunlin-guard")
            .withFds(pipe.readEnd().number(), SpawnRequest.DEV_NULL, SpawnRequest.DEV_NULL)
            .inOwnSession());
  }

  private static void say(Pipe pipe, String lines) throws Exception {
    pipe.writeEnd().writeFully(UTF_8.encode(lines));
  }

  private static List<Long> guardsOf(long vm) {
    return ProcessHandle.of(vm)
        .orElseThrow()
        .children()
        .map(ProcessHandle::pid)
        .filter(pid -> commandLine(pid).contains("dunlin-guard"))
        .toList();
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
    } catch (IOException gone) {
      return "";
    }
  }

  /** A zombie that nobody here can collect (an orphan's new parent does) is as good as gone. */
  private static boolean isAlive(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }
}
