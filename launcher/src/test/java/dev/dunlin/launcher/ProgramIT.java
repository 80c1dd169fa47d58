package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program from outside: how it is started, what it says, how it ends. */
@NoLeaks
final class ProgramIT {
  private static final String[] SEED = {
    "-m", "500", "-net", "nic", "-net", "user", "-monitor", "stdio"
  };

  @TempDir Path temp;

  @Test
  void the_seeds_command_line_gives_the_prompt_and_nothing_on_stderr() {
    long start = System.nanoTime();
    try (DunlinProcess dunlin = DunlinProcess.start(SEED);
        HmpClient monitor = dunlin.stdio()) {
      System.out.printf("prompt after %d ms%n", (System.nanoTime() - start) / 1_000_000);
      assertEquals("VM status: running\n", monitor.command("info status"));
      monitor.send("quit\n");
      ChildProcess.Result result = dunlin.process().awaitResult(Await.GENEROUS);
      assertEquals(0, result.exitStatus());
      assertEquals("", result.stderr());
    }
  }

  @Test
  void a_save_started_in_the_background_completes_and_says_so() {
    Path file = temp.resolve("FILE");
    try (DunlinProcess dunlin = DunlinProcess.start(SEED);
        HmpClient monitor = dunlin.stdio()) {
      assertEquals("", monitor.command("migrate -d \"exec:cat >" + file + "\""));
      Await.until(
          "completed",
          () -> monitor.command("info migrate").contains("Migration status: completed"));
      assertTrue(Files.exists(file));
      monitor.send("quit\n");
      assertEquals(0, dunlin.process().awaitResult(Await.GENEROUS).exitStatus());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "TERM"})
  void a_signal_ends_it_as_quit_does(String signal) {
    // Whoever runs the tests may ignore it, by nohup(1) or in the background of a shell.
    List<String> heeding = List.of("env", "--default-signal=" + signal);
    try (DunlinProcess dunlin =
            DunlinProcess.startInside(heeding, DunlinProcess.command(), Map.of(), "-m", "8");
        HmpClient monitor = dunlin.hmp()) {
      assertEquals("VM status: running\n", monitor.command("info status"));
      dunlin.process().signal(signal);
      ChildProcess.Result result = dunlin.process().awaitResult(Await.GENEROUS);
      int number = Map.of("HUP", 1, "INT", 2, "TERM", 15).getOrDefault(signal, 0);
      assertEquals("dunlin: terminating on signal " + number + "\n", result.stderr());
      assertEquals(0, result.exitStatus());
      assertFalse(Files.exists(dunlin.monitorSocket()), "its socket is gone");
    }
  }

  @Test
  @RequiresPeer("qemu-system-x86_64")
  void a_pid_file_names_the_process_keeps_others_out_and_goes_with_it() throws Exception {
    Path file = temp.resolve("pid");
    String[] wanted = {"-M", "none", "-S", "-pidfile", file.toString()};
    try (DunlinProcess dunlin = DunlinProcess.startWithMonitors(wanted);
        HmpClient monitor = dunlin.hmp()) {
      assertEquals(dunlin.process().pid() + "\n", Files.readString(file));
      String refused = RealQemu.run(Await.GENEROUS, wanted).stderr();
      assertEquals(refused.replaceFirst("^[^:]*", "dunlin"), refusal(wanted));
      assertEquals(dunlin.process().pid() + "\n", Files.readString(file), "undisturbed");
      monitor.send("quit\n");
      assertEquals(0, dunlin.process().awaitResult(Await.GENEROUS).exitStatus());
    }
    assertFalse(Files.exists(file));
    String[] nowhere = {"-M", "none", "-S", "-pidfile", temp + "/no/such"};
    String refused = RealQemu.run(Await.GENEROUS, nowhere).stderr();
    assertEquals(refused.replaceFirst("^[^:]*", "dunlin"), refusal(nowhere));
  }

  private static String refusal(String[] arguments) {
    try (DunlinProcess second = DunlinProcess.start(arguments)) {
      ChildProcess.Result result = second.process().awaitResult(Await.GENEROUS);
      assertEquals(1, result.exitStatus());
      return result.stderr();
    }
  }

  @Test
  void a_signal_in_the_middle_of_a_save_leaves_no_child() {
    try (DunlinProcess dunlin = DunlinProcess.startWithMonitors("-m", "64");
        HmpClient monitor = dunlin.hmp()) {
      Path started = temp.resolve("started");
      monitor.command("migrate -d \"exec:touch " + started + "; sleep 600\"");
      Await.until("the child runs", () -> Files.exists(started));
      List<ProcessHandle> children =
          ProcessHandle.of(dunlin.process().pid()).orElseThrow().descendants().toList();
      dunlin.process().signal("TERM");
      assertEquals(0, dunlin.process().awaitResult(Await.GENEROUS).exitStatus());
      // The pipe is closed; a child that ignores that is its own affair, as with popen(3).
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void it_runs_from_anywhere_and_through_a_link_in_a_path_with_spaces() throws Exception {
    Path odd = Files.createDirectory(temp.resolve("a path with spaces"));
    Path link = Files.createSymbolicLink(odd.resolve("link"), script());
    Path second = Files.createSymbolicLink(odd.resolve("second"), Path.of("link"));
    ChildProcess.Result direct = run(odd, link.toString(), "-version");
    assertEquals(0, direct.exitStatus(), direct.stderr());
    assertTrue(direct.stdout().startsWith("Dunlin emulator version "), direct.stdout());
    assertEquals(direct, run(odd, second.toString(), "-version"));
    assertEquals(direct, run(odd, "./second", "-version"));
  }

  @Test
  void help_lists_every_option_and_exits_with_0() {
    ChildProcess.Result help = DunlinProcess.run(Await.GENEROUS, "-h");
    assertEquals(0, help.exitStatus());
    for (String option : List.of("-m [size=]megs", "-monitor dev", "-net nic", "-incoming ")) {
      assertTrue(help.stdout().contains(option), option);
    }
    assertEquals("", help.stderr());
  }

  private static Path script() {
    return DunlinProcess.root().resolve("dunlin").toAbsolutePath();
  }

  private static ChildProcess.Result run(Path directory, String... command) {
    try (ChildProcess process =
        ChildProcess.start("dunlin", List.of(command), Optional.of(directory), Map.of())) {
      process.closeStdin();
      return process.awaitResult(Await.GENEROUS);
    }
  }
}
