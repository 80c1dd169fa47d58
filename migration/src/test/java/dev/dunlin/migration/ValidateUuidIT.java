package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code validate-uuid}: a stream that says whose it is, between Dunlin and a real QEMU. */
@RequiresPeer("qemu-system-x86_64")
class ValidateUuidIT {
  private static final String ONE = "00112233-4455-6677-8899-aabbccddeeff";
  private static final String OTHER = "fedcba98-7654-3210-0123-456789abcdef";
  private static final String[] NONE = {"-M", "none", "-m", "1M"};

  @TempDir Path directory;

  @Test
  void the_qemu_of_that_uuid_takes_dunlins_stream() throws Exception {
    Path file = saved(true, "uuid", ONE);
    try (RealQemu same = qemu(file, "-uuid", ONE);
        TestVm vm = loading(TestVm.none(256).option("uuid", ONE), file)) {
      assertEquals("completed", same.awaitMigration());
      assertEquals("", same.process().stderr().text());
      assertEquals("completed", vm.awaitEnd());
      assertEquals(List.of(), vm.complaints);
    }
  }

  @Test
  void another_refuses_it_in_the_same_words() throws Exception {
    Path file = saved(true, "uuid", ONE);
    List<String> words =
        List.of(RealQemu.run(Await.GENEROUS, waiting(file, "-uuid", OTHER)).stderr().split("\n"));
    try (TestVm vm = loading(TestVm.none(256).option("uuid", OTHER), file)) {
      vm.awaitEnd();
      assertEquals(words, qemus(vm.complaints));
      assertEquals("UUID received is " + ONE + " and local is " + OTHER, vm.complaints.get(0));
      assertEquals(RunState.INMIGRATE, vm.state());
    }
  }

  @Test
  void one_without_a_uuid_warns_in_the_same_words() throws Exception {
    Path file = saved(true, "uuid", ONE);
    try (RealQemu qemu = qemu(file);
        TestVm vm = loading(TestVm.none(256), file)) {
      assertEquals("completed", qemu.awaitMigration());
      assertEquals("completed", vm.awaitEnd());
      String said = qemu.process().stderr().awaitAfter(0, "\n", Await.GENEROUS);
      assertEquals(List.of(said), qemus(vm.complaints));
    }
  }

  @Test
  void nothing_is_said_without_the_capability_or_without_a_uuid() throws Exception {
    for (Path file : List.of(saved(false, "uuid", ONE), saved(true, "name", "nobody"))) {
      String stream = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertFalse(stream.contains("configuration/uuid"));
      try (RealQemu qemu = qemu(file, "-uuid", OTHER)) {
        assertEquals("completed", qemu.awaitMigration());
      }
    }
  }

  @Test
  void a_relay_may_be_told_whom_to_take_and_sends_the_uuid_on() throws Exception {
    Path in = directory.resolve("in");
    Path out = directory.resolve("out");
    try (RealQemu source = RealQemu.start("-M", "none", "-m", "1M", "-S", "-uuid", ONE)) {
      source.qmp().human("migrate_set_capability validate-uuid on");
      source.qmp().execute("migrate", Map.of("uri", "exec:cat >" + in));
      assertEquals("completed", source.awaitMigration());
    }
    try (TestVm stranger = loading(relay().option("uuid", OTHER), in)) {
      stranger.awaitEnd();
      assertEquals(
          List.of(
              "UUID received is " + ONE + " and local is " + OTHER,
              "load of migration failed: Invalid argument"),
          stranger.complaints);
      assertTrue(stranger.ram().isAwaited());
    }
    for (TestVm.Builder any : List.of(relay(), relay().option("uuid", ONE))) {
      try (TestVm relay = loading(any, in)) {
        assertEquals("completed", relay.awaitEnd());
        assertEquals(List.of(), relay.complaints);
        relay.hmp("migrate file:" + out);
        assertEquals("completed", relay.statusLine());
      }
      try (RealQemu same = qemu(out, "-uuid", ONE)) {
        assertEquals("completed", same.awaitMigration());
        assertEquals("", same.process().stderr().text());
      }
      assertTrue(
          RealQemu.run(Await.GENEROUS, waiting(out, "-uuid", OTHER))
              .stderr()
              .contains("UUID received is " + ONE));
    }
  }

  /** A stream of Dunlin's. */
  private Path saved(boolean validate, String option, String value) throws Exception {
    Path file = directory.resolve("saved-" + validate + option);
    try (TestVm vm = TestVm.none(256).option(option, value).start().scribble(2)) {
      if (validate) {
        assertEquals("", vm.hmp("migrate_set_capability validate-uuid on"));
      }
      assertEquals("", vm.hmp("migrate file:" + file));
      assertEquals("completed", vm.statusLine());
    }
    return file;
  }

  private static TestVm loading(TestVm.Builder vm, Path file) throws Exception {
    TestVm started = vm.option("incoming", "defer").start();
    started.hmp("migrate_incoming file:" + file);
    return started;
  }

  private static TestVm.Builder relay() {
    return new TestVm.Builder("relay").ram(GuestRam.awaited(1 << 30));
  }

  private static RealQemu qemu(Path file, String... more) {
    return RealQemu.start(waiting(file, more));
  }

  private static String[] waiting(Path file, String... more) {
    List<String> all = new ArrayList<>(List.of(NONE));
    all.addAll(List.of(more));
    all.addAll(List.of("-incoming", "exec:cat " + file));
    return all.toArray(String[]::new);
  }

  private static List<String> qemus(List<String> lines) {
    return lines.stream().map(line -> "qemu-system-x86_64: " + line).toList();
  }
}
