package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A monitor on the standard streams of a process of its own: files, pipes, nothing, a terminal. */
@NoLeaks
final class StdioTest {
  private static final String JVM =
      "exec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' %s"
          .formatted(
              Path.of(System.getProperty("java.home"), "bin", "java"),
              classPath(),
              StdioProgram.class.getName());

  private final Path directory = TempDirs.create("stdio");

  @AfterEach
  void removeDirectory() {
    TempDirs.delete(directory);
  }

  @Test
  void input_from_a_file_is_read_and_output_is_appended_to_another() throws Exception {
    Path in = Files.writeString(directory.resolve("in"), "p 0x5555\nquit\n");
    Path out = Files.writeString(directory.resolve("out"), "before\n");
    ChildProcess.Result result = shell(JVM + " <" + in + " >>" + out);
    assertEquals(0, result.exitStatus(), result.stderr());
    String said = Files.readString(out);
    assertTrue(said.startsWith("before\nDunlin 0.0-test monitor"), said);
    assertTrue(said.contains("\r\n0x5555\r\n(qemu) "), said);
  }

  @Test
  void the_end_of_the_input_is_not_the_end_of_the_emulator() throws Exception {
    try (ChildProcess process = ChildProcess.start("stdio", List.of("/bin/sh", "-c", JVM))) {
      process.hmp().send("p 1");
      process.closeStdin();
      process.stdout().awaitAfter(0, "p 1\033[K", Await.GENEROUS);
      assertTrue(process.isAlive());
    }
  }

  @Test
  void without_any_input_there_is_still_a_prompt() throws Exception {
    try (ChildProcess process =
        ChildProcess.start("stdio", List.of("/bin/sh", "-c", JVM + " </dev/null"))) {
      process.stdout().awaitAfter(0, HmpClient.PROMPT, Await.GENEROUS);
      assertTrue(process.isAlive());
    }
  }

  @Test
  void a_reader_that_goes_away_does_not_stop_the_emulator() throws Exception {
    ChildProcess.Result result =
        shell("printf 'p 1\\np 2\\nquit\\n' | ((" + JVM + "); echo status $? >&2) | head -c 10");
    assertEquals("Dunlin 0.0", result.stdout());
    assertTrue(result.stderr().endsWith("status 0\n"), result.stderr());
  }

  @Test
  @RequiresPeer("script")
  void a_terminal_is_edited_on_and_given_back_as_it_was_after_quit() throws Exception {
    try (ChildProcess process = terminal()) {
      HmpClient monitor = process.hmp();
      int from = monitor.transcript().length();
      monitor.send("info stat\t");
      // A terminal in its usual mode would show the keys by itself and keep them until Enter.
      monitor.transcript().awaitAfter(from, "info status \033[K", Await.GENEROUS);
      monitor.send("\nquit\n");
      assertEquals(0, process.awaitResult(Await.GENEROUS).exitStatus());
    }
    assertSameTerminal();
  }

  @Test
  @RequiresPeer("script")
  void a_terminal_is_given_back_when_the_process_is_terminated() throws Exception {
    try (ChildProcess process = terminal()) {
      process.hmp();
      ProcessHandle jvm =
          Await.value(
              "the JVM below script",
              () ->
                  ProcessHandle.of(process.pid()).stream()
                      .flatMap(ProcessHandle::descendants)
                      .filter(each -> each.info().command().orElse("").endsWith("/java"))
                      .findFirst());
      jvm.destroy();
      process.awaitResult(Await.GENEROUS);
    }
    assertSameTerminal();
  }

  /** The monitor on a new terminal; its settings before and after go to files. */
  private ChildProcess terminal() {
    String command = "stty -a >%1$s/before; (%2$s); stty -a >%1$s/after".formatted(directory, JVM);
    return ChildProcess.start(
        "terminal", List.of(Peer.path("script"), "-qfec", command, "/dev/null"));
  }

  private void assertSameTerminal() throws IOException {
    String before = Files.readString(directory.resolve("before"));
    assertTrue(before.contains(" icanon"), before);
    assertEquals(before, Files.readString(directory.resolve("after")));
  }

  private static ChildProcess.Result shell(String command) {
    try (ChildProcess process = ChildProcess.start("stdio", List.of("/bin/sh", "-c", command))) {
      return process.awaitResult(Await.GENEROUS);
    }
  }

  /** Surefire's own class path is one jar that names the others. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
