package dev.dunlin.launcher.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.Json;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.UnixConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Makes streams with a real QEMU, and runs the tool on them. */
final class SavedMachine {
  private static final int WRITTEN_PAGES = 128;

  private SavedMachine() {}

  /** Saves a machine that never ran; answers with the hash of its first MiB. */
  static String save(Path file, String... machine) {
    List<String> arguments = new ArrayList<>(List.of(machine));
    arguments.add("-S");
    try (RealQemu qemu = RealQemu.start(arguments.toArray(String[]::new))) {
      migrate(qemu, file);
      return qemu.sha256(0, 640 * 1024);
    }
  }

  private static void migrate(RealQemu qemu, Path file) {
    qemu.qmp().execute("migrate", Map.of("uri", "exec:cat >" + file));
    assertEquals("completed", qemu.awaitMigration());
  }

  /**
   * Saves a machine whose memory is written all the while, through QEMU's test protocol
   * (docs/devel/qtest.rst). Several rounds are likely, but QEMU may find a moment without writes.
   *
   * @param capability what the stream shall be saved with
   */
  static String saveWritten(Path directory, Path file, String capability) throws IOException {
    Path socket = directory.resolve("qtest");
    Files.deleteIfExists(socket);
    String qtest = "unix:" + socket + ",server=on,wait=off";
    try (RealQemu qemu =
            RealQemu.start("-M", "pc", "-m", "16M", "-S", "-qtest", qtest, "-qtest-log", "none");
        UnixConnection writer = UnixConnection.connect(socket)) {
      set(qemu, capability);
      set(qemu, "pause-before-switchover");
      writePages(writer, 1);
      // Less than what is written meanwhile can be sent within that time.
      parameters(qemu, 1, 4 << 20);
      qemu.qmp().execute("migrate", Map.of("uri", "exec:cat >" + file));
      int[] value = {2};
      Await.until(
          "some rounds",
          () -> {
            writePages(writer, value[0]++);
            return rounds(qemu) > 4 || isPaused(qemu);
          });
      parameters(qemu, 2000, 1L << 40);
      Await.until("the switchover", () -> isPaused(qemu));
      qemu.qmp().execute("migrate-continue", Map.of("state", "pre-switchover"));
      assertEquals("completed", qemu.awaitMigration());
      return qemu.sha256(0, 640 * 1024);
    }
  }

  private static void parameters(RealQemu qemu, long downtimeMillis, long bandwidth) {
    qemu.qmp()
        .execute(
            "migrate-set-parameters",
            Map.of("downtime-limit", downtimeMillis, "max-bandwidth", bandwidth));
  }

  private static boolean isPaused(RealQemu qemu) {
    return "pre-switchover".equals(qemu.qmp().query("query-migrate").get("status"));
  }

  /** A word in each of 128 pages from 0x10000 on. */
  private static void writePages(UnixConnection qtest, int value) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int page = 0; page < WRITTEN_PAGES; page++) {
      lines.append("writel 0x%x 0x%x\n".formatted(0x10000 + page * 4096, value));
    }
    qtest.output().write(lines.toString().getBytes(StandardCharsets.US_ASCII));
    qtest.output().flush();
    for (int left = WRITTEN_PAGES * "OK\n".length(); left > 0; left--) {
      if (qtest.input().read() < 0) {
        throw new IOException("QEMU ended");
      }
    }
  }

  private static long rounds(RealQemu qemu) {
    return qemu.qmp().query("query-migrate").get("ram") instanceof Map<?, ?> ram
            && ram.get("dirty-sync-count") instanceof Number count
        ? count.longValue()
        : 0;
  }

  private static void set(RealQemu qemu, String capability) {
    Map<String, ?> on = Map.of("capability", capability, "state", true);
    qemu.qmp().execute("migrate-set-capabilities", Map.of("capabilities", List.of(on)));
  }

  /** Runs the tool to its end. */
  static ChildProcess.Result tool(Object... arguments) {
    List<String> words = new ArrayList<>(List.of(program()));
    for (Object argument : arguments) {
      words.add(argument.toString());
    }
    return run(words);
  }

  /** Runs a shell's line in which {@code $t} is the tool. */
  static ChildProcess.Result shell(String line) {
    return run(List.of("sh", "-c", "t='" + program() + "'; " + line));
  }

  private static ChildProcess.Result run(List<String> words) {
    try (ChildProcess process = ChildProcess.start("dunlin-stream", words)) {
      process.closeStdin();
      return process.awaitResult(Await.GENEROUS);
    }
  }

  private static String program() {
    return DunlinProcess.root().resolve("dunlin-stream").toString();
  }

  /** What {@code print --json} says; the stream must be good. */
  static Map<String, Object> printed(Path stream) {
    ChildProcess.Result result = tool("print", "--json", stream);
    assertEquals("", result.stderr());
    assertEquals(0, result.exitStatus());
    return Json.readObject(result.stdout());
  }

  /** The object of that name in a list of the printed ones. */
  static Map<?, ?> named(Map<?, ?> printed, String list, String name) {
    return list(printed, list).stream()
        .map(item -> (Map<?, ?>) item)
        .filter(item -> name.equals(item.get("name")))
        .findFirst()
        .orElseThrow();
  }

  static List<?> list(Map<?, ?> object, String name) {
    return (List<?>) Objects.requireNonNull(object.get(name));
  }

  static long number(Map<?, ?> object, String name) {
    return ((Number) Objects.requireNonNull(object.get(name))).longValue();
  }

  static Object member(Map<?, ?> object, String name, String inner) {
    return Objects.requireNonNull(
        ((Map<?, ?>) Objects.requireNonNull(object.get(name))).get(inner));
  }
}
