package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A migration's events and those of the guest's being stopped, in the order in which a real QEMU
 * sends them.
 */
@RequiresPeer("qemu-system-x86_64")
class SameEventsIT {
  @TempDir Path directory;

  /** What both are put through. */
  private interface Subject {
    void set(String capability);

    void migrate(String uri);

    void cancel();

    void goOn();

    /** What {@code query-migrate} says. */
    String status();

    /** Names, and what tells them apart. */
    List<String> events();
  }

  @FunctionalInterface
  private interface Story {
    void tell(Subject subject) throws Exception;
  }

  private void same(boolean running, List<String> expected, Story story) throws Exception {
    same(running, expected, List.of(), story);
  }

  /**
   * @param sometimes what QEMU says too when two of its threads run in the other order
   */
  private void same(boolean running, List<String> expected, List<String> sometimes, Story story)
      throws Exception {
    try (RealQemu real =
        RealQemu.start(
            running
                ? new String[] {"-M", "none", "-m", "4M"}
                : new String[] {"-M", "none", "-m", "4M", "-S"})) {
      Subject qemu = new QemuSubject(real);
      story.tell(qemu);
      List<String> said = new ArrayList<>(qemu.events());
      said.removeAll(sometimes);
      assertEquals(expected, said, "QEMU");
    }
    try (TestVm vm = TestVm.none(1024).start()) {
      if (running) {
        vm.running();
      }
      vm.hmp("migrate_set_capability events on");
      vm.events.clear();
      Subject dunlin = new VmSubject(vm);
      story.tell(dunlin);
      assertEquals(expected, dunlin.events(), "Dunlin");
    }
  }

  @Test
  void of_a_guest_that_runs() throws Exception {
    same(
        true,
        List.of("setup", "pass 1", "active", "STOP", "pass 2", "completed"),
        subject -> {
          subject.migrate("exec:cat >/dev/null");
          await(subject, "completed");
        });
  }

  @Test
  void of_a_guest_that_stands_still() throws Exception {
    same(
        false,
        List.of("setup", "pass 1", "active", "pass 2", "completed"),
        subject -> {
          subject.migrate("exec:cat >/dev/null");
          await(subject, "completed");
        });
  }

  @Test
  void of_one_that_pauses_before_the_switchover() throws Exception {
    same(
        true,
        List.of(
            "setup", "pass 1", "active", "STOP", "pre-switchover", "device", "pass 2", "completed"),
        subject -> {
          subject.set("pause-before-switchover");
          subject.migrate("exec:cat >/dev/null");
          await(subject, "pre-switchover");
          subject.goOn();
          await(subject, "completed");
        });
  }

  /**
   * QEMU lets its thread out of the pause before it says that it cancels (migrate_fd_cancel in
   * migration/migration.c), and a quick one is at the devices by then.
   */
  @Test
  void of_one_that_is_cancelled_before_the_switchover() throws Exception {
    same(
        true,
        List.of(
            "setup",
            "pass 1",
            "active",
            "STOP",
            "pre-switchover",
            "cancelling",
            "RESUME",
            "cancelled"),
        List.of("device"),
        subject -> {
          subject.set("pause-before-switchover");
          subject.migrate("exec:cat >/dev/null");
          await(subject, "pre-switchover");
          subject.cancel();
          await(subject, "cancelled");
        });
  }

  @Test
  void of_one_that_is_cancelled_while_nothing_gets_through() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("peer"), 4)) {
      same(
          true,
          List.of("setup", "pass 1", "active", "cancelling", "cancelled"),
          subject -> {
            subject.set("pause-before-switchover");
            subject.set("slow");
            subject.migrate(peer.uri());
            peer.accept().read(1);
            await(subject, "active");
            subject.cancel();
            await(subject, "cancelled");
          });
    }
  }

  @Test
  void of_one_that_cannot_connect() throws Exception {
    same(
        true,
        List.of("setup", "failed"),
        subject -> {
          subject.migrate("unix:" + directory.resolve("nobody"));
          await(subject, "failed");
        });
  }

  private static void await(Subject subject, String status) {
    Await.until("status " + status, () -> subject.status().equals(status));
  }

  private record QemuSubject(RealQemu real) implements Subject {
    @Override
    public void set(String capability) {
      if (capability.equals("slow")) {
        real.qmp().execute("migrate-set-parameters", Map.of("max-bandwidth", 4096));
        return;
      }
      real.qmp()
          .execute(
              "migrate-set-capabilities",
              Map.of("capabilities", List.of(Map.of("capability", capability, "state", true))));
    }

    @Override
    public void migrate(String uri) {
      real.qmp().execute("migrate", Map.of("uri", uri));
    }

    @Override
    public void cancel() {
      real.qmp().execute("migrate_cancel");
    }

    @Override
    public void goOn() {
      real.qmp().execute("migrate-continue", Map.of("state", "pre-switchover"));
    }

    @Override
    public String status() {
      return String.valueOf(real.qmp().query("query-migrate").get("status"));
    }

    @Override
    public List<String> events() {
      real.qmp().query("query-status");
      return real.qmp().events().stream()
          .map(
              event -> {
                Map<?, ?> data = event.get("data") instanceof Map<?, ?> map ? map : Map.of();
                return switch (String.valueOf(event.get("event"))) {
                  case "MIGRATION" -> String.valueOf(data.get("status"));
                  case "MIGRATION_PASS" -> "pass " + data.get("pass");
                  default -> String.valueOf(event.get("event"));
                };
              })
          .toList();
    }
  }

  private record VmSubject(TestVm vm) implements Subject {
    @Override
    public void set(String capability) {
      assertEquals(
          "",
          capability.equals("slow")
              ? vm.hmp("migrate_set_parameter max-bandwidth 4k")
              : vm.hmp("migrate_set_capability " + capability + " on"));
    }

    @Override
    public void migrate(String uri) {
      assertEquals("", vm.hmp("migrate -d \"" + uri + "\""));
    }

    @Override
    public void cancel() {
      vm.hmp("migrate_cancel");
    }

    @Override
    public void goOn() {
      assertEquals("", vm.hmp("migrate_continue pre-switchover"));
    }

    @Override
    public String status() {
      return vm.statusLine().split(" ", -1)[0];
    }

    @Override
    public List<String> events() {
      return vm.events.stream()
          .map(
              event ->
                  event
                      .replaceFirst("^MIGRATION\\{status=(.*)\\}$", "$1")
                      .replaceFirst("^MIGRATION_PASS\\{pass=(.*)\\}$", "pass $1")
                      .replaceFirst("\\{\\}$", ""))
          .toList();
    }
  }
}
