package dev.dunlin.launcher.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.QmpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes a guest from a QEMU to Dunlin, or from there to the next QEMU. */
enum Route {
  EXEC,
  FILE,
  TCP,
  UNIX;

  /** Into Dunlin, which was started with {@code -incoming defer}. */
  void in(QmpClient source, HmpClient dunlin, Path file) {
    switch (this) {
      case EXEC, FILE -> {
        send(source, "exec:cat >" + file);
        String from = this == EXEC ? "exec:cat " : "file:";
        assertEquals("", dunlin.command("migrate_incoming \"" + from + file + "\""));
      }
      case TCP -> {
        assertEquals("", dunlin.command("migrate_incoming tcp:127.0.0.1:0"));
        send(source, "tcp:127.0.0.1:" + port(dunlin.command("info migrate")));
      }
      case UNIX -> {
        assertEquals("", dunlin.command("migrate_incoming unix:" + file));
        send(source, "unix:" + file);
      }
    }
    Await.until(
        "the guest in Dunlin",
        () -> dunlin.command("info migrate").contains("Migration status: completed"));
  }

  /** Out of Dunlin into a QEMU that was started with {@code -incoming defer}. */
  void out(HmpClient dunlin, QmpClient next, Path file) {
    switch (this) {
      case EXEC, FILE -> {
        String to = this == EXEC ? "exec:cat >" : "file:";
        assertEquals("", dunlin.command("migrate \"" + to + file + "\""));
        receive(next, "exec:cat " + file);
      }
      case TCP -> {
        receive(next, "tcp:127.0.0.1:0");
        assertEquals("", dunlin.command("migrate tcp:127.0.0.1:" + listeningPort(next)));
      }
      case UNIX -> {
        receive(next, "unix:" + file);
        assertEquals("", dunlin.command("migrate unix:" + file));
      }
    }
    assertEquals("completed", end(next));
  }

  private static void send(QmpClient source, String uri) {
    source.execute("migrate", Map.of("uri", uri));
    assertEquals("completed", end(source));
  }

  private static void receive(QmpClient next, String uri) {
    next.execute("migrate-incoming", Map.of("uri", uri));
  }

  private static String end(QmpClient qemu) {
    return Await.value(
        "the end of a migration in QEMU",
        () -> {
          String status = String.valueOf(qemu.query("query-migrate").get("status"));
          boolean over = List.of("completed", "failed", "cancelled").contains(status);
          return over ? Optional.of(status) : Optional.empty();
        });
  }

  private static String port(String infoMigrate) {
    String line =
        infoMigrate
            .lines()
            .filter(text -> text.strip().startsWith("tcp:"))
            .findFirst()
            .orElseThrow();
    return line.substring(line.lastIndexOf(':') + 1).strip();
  }

  private static String listeningPort(QmpClient qemu) {
    if (qemu.query("query-migrate").get("socket-address") instanceof List<?> addresses
        && addresses.get(0) instanceof Map<?, ?> address) {
      return String.valueOf(address.get("port"));
    }
    throw new AssertionError("QEMU doesn't listen");
  }
}
