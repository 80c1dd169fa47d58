package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.walk.RecordingVisitor;
import dev.dunlin.migration.walk.StreamWalker;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A guest goes from one real QEMU through Dunlin to another, and nothing of it is lost. */
@RequiresPeer("qemu-system-x86_64")
class RelayIT {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  static Stream<List<String>> machines() {
    return Stream.of(
        List.of("-M", "pc", "-m", "16M"),
        List.of("-M", "pc,suppress-vmdesc=on", "-m", "16M", "-smp", "2"),
        List.of("-M", "pc-i440fx-2.3", "-m", "16M"),
        List.of("-M", "isapc", "-m", "16M", "-vga", "none"),
        List.of("-M", "none", "-m", "16M"),
        List.of(
            "-M",
            "q35",
            "-m",
            "16M",
            "-netdev",
            "user,id=n",
            "-device",
            "virtio-net-pci,netdev=n",
            "-device",
            "virtio-rng-pci",
            "-device",
            "qemu-xhci",
            "-device",
            "usb-tablet",
            "-device",
            "virtio-serial-pci"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("machines")
  void what_goes_out_is_what_came_in(List<String> machine) throws Exception {
    Path in = directory.resolve("in");
    Path out = directory.resolve("out");
    String memory;
    try (RealQemu source = source(machine)) {
      memory = source.sha256(MIB, 15 * MIB);
      migrate(source, "exec:cat >" + in);
    }
    try (TestVm relay = relay("exec:cat " + in)) {
      assertEquals("completed", relay.awaitEnd(), relay.complaints.toString());
      assertEquals(RunState.PAUSED, relay.state());
      assertEquals("", relay.hmp("migrate \"exec:cat >" + out + "\""));
      assertEquals("completed", relay.statusLine());
      assertEquals("", relay.hmp("migrate \"exec:cat >" + out + "\""));
      assertEquals("completed", relay.statusLine());
    }
    RecordingVisitor before = walk(in);
    RecordingVisitor after = walk(out);
    assertEquals(before.configuration, after.configuration);
    assertEquals(List.copyOf(before.memory.keySet()), List.copyOf(after.memory.keySet()));
    for (String block : before.memory.keySet()) {
      assertEquals(ByteBuffer.wrap(before.of(block)), ByteBuffer.wrap(after.of(block)), block);
    }
    assertEquals(before.devices.bytes(), after.devices.bytes());
    assertEquals(before.devices.description(), after.devices.description());
    List<String> target = new ArrayList<>(machine);
    target.addAll(List.of("-incoming", "exec:cat " + out));
    try (RealQemu real = RealQemu.start(target.toArray(String[]::new))) {
      assertEquals("completed", real.awaitMigration());
      assertEquals("", real.process().stderr().text());
      assertEquals("prelaunch", real.status());
      assertEquals(memory, real.sha256(MIB, 15 * MIB));
    }
  }

  /** How a stream travels. */
  enum Way {
    EXEC,
    FILE,
    FD,
    TCP,
    UNIX
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void every_transport_carries_it_in_and_out(Way way) throws Exception {
    List<String> machine = List.of("-M", way == Way.TCP ? "q35" : "pc", "-m", "16M");
    List<String> target = new ArrayList<>(machine);
    target.addAll(List.of("-incoming", "defer"));
    try (RealQemu source = source(machine);
        RealQemu next = RealQemu.start(target.toArray(String[]::new))) {
      String memory = source.sha256(0, 16 * MIB);
      try (TestVm relay = relay("defer")) {
        in(way, source, relay);
        assertEquals("completed", relay.awaitEnd(), relay.complaints.toString());
        out(way, relay, next);
        assertEquals("completed", relay.awaitEnd());
      }
      assertEquals("completed", next.awaitMigration());
      assertEquals(memory, next.sha256(0, 16 * MIB));
      assertEquals("prelaunch", next.status());
    }
  }

  private void in(Way way, RealQemu source, TestVm relay) throws Exception {
    Path file = directory.resolve("in");
    switch (way) {
      case EXEC, FILE -> {
        migrate(source, "exec:cat >" + file);
        relay.hmp("migrate_incoming \"" + (way == Way.EXEC ? "exec:cat " : "file:") + file + "\"");
      }
      case FD -> {
        try (Pipe pipe = Pipe.open()) {
          relay.onLoop(() -> relay.fds().put("in", pipe.readEnd().duplicate().detach()));
          assertEquals("", relay.hmp("migrate_incoming fd:in"));
          String writeEnd = "/proc/" + ProcessHandle.current().pid() + "/fd/" + number(pipe);
          migrate(source, "exec:cat >" + writeEnd);
        }
      }
      case TCP -> {
        relay.hmp("migrate_incoming tcp:127.0.0.1:0");
        migrate(source, relay.listening());
      }
      case UNIX -> {
        relay.hmp("migrate_incoming unix:" + file);
        migrate(source, "unix:" + file);
      }
    }
  }

  private static int number(Pipe pipe) {
    Fd end = pipe.writeEnd();
    return end.number();
  }

  private void out(Way way, TestVm relay, RealQemu next) throws Exception {
    Path file = directory.resolve("out");
    switch (way) {
      case EXEC, FILE -> {
        String to = way == Way.EXEC ? "\"exec:cat >" + file + "\"" : "file:" + file;
        assertEquals("", relay.hmp("migrate " + to));
        incoming(next, "exec:cat " + file);
      }
      case FD -> {
        try (Pipe pipe = Pipe.open()) {
          String readEnd =
              "/proc/" + ProcessHandle.current().pid() + "/fd/" + pipe.readEnd().number();
          relay.onLoop(() -> relay.fds().put("out", pipe.writeEnd().duplicate().detach()));
          incoming(next, "exec:cat " + readEnd);
          pipe.writeEnd().close();
          assertEquals("", relay.hmp("migrate fd:out"));
        }
      }
      case TCP -> {
        incoming(next, "tcp:127.0.0.1:0");
        assertEquals("", relay.hmp("migrate tcp:127.0.0.1:" + port(next)));
      }
      case UNIX -> {
        incoming(next, "unix:" + file);
        assertEquals("", relay.hmp("migrate unix:" + file));
      }
    }
  }

  @Test
  void a_relay_can_only_hold() throws Exception {
    Path in = directory.resolve("in");
    try (RealQemu source = source(List.of("-M", "pc", "-m", "16M"))) {
      migrate(source, "exec:cat >" + in);
    }
    try (TestVm relay =
        new TestVm.Builder("relay")
            .ram(GuestRam.awaited(16 * MIB))
            .option("incoming", "defer")
            .start()) {
      relay.hmp("migrate_incoming file:" + in);
      relay.awaitEnd();
      assertEquals(
          List.of(
              "The guest has more than the 16 MiB of memory that this relay takes: -m sets that",
              "error while loading state for instance 0x0 of device 'ram'",
              "load of migration failed: Invalid argument"),
          relay.complaints);
      assertTrue(relay.ram().isAwaited());
      assertEquals(RunState.INMIGRATE, relay.state());
      assertEquals(
          "Error: Guest is waiting for an incoming migration\n",
          relay.hmp("migrate file:/dev/null"));
    }
  }

  @Test
  void pages_beside_the_stream_are_refused_with_a_sentence() throws Exception {
    Path socket = directory.resolve("in");
    try (RealQemu source = source(List.of("-M", "pc", "-m", "16M"));
        TestVm relay = relay("defer")) {
      assertEquals("", relay.hmp("migrate_set_capability multifd on"));
      source.qmp().human("migrate_set_capability multifd on");
      relay.hmp("migrate_incoming unix:" + socket);
      source.qmp().execute("migrate", Map.of("uri", "unix:" + socket));
      relay.awaitEnd();
      String sentence = "a relay takes no multifd: switch the capability off on both sides";
      assertTrue(relay.complaints.contains(sentence), relay.complaints.toString());
      assertTrue(relay.ram().isAwaited());
    }
  }

  private RealQemu source(List<String> machine) throws Exception {
    byte[] content = new byte[(int) (8 * MIB)];
    new Random(1).nextBytes(content);
    Path image = directory.resolve("image");
    Files.write(image, content);
    List<String> arguments = new ArrayList<>(machine);
    arguments.addAll(List.of("-S", "-device", "loader,force-raw=on,addr=0x400000,file=" + image));
    return RealQemu.start(arguments.toArray(String[]::new));
  }

  private static void migrate(RealQemu qemu, String uri) {
    qemu.qmp().execute("migrate", Map.of("uri", uri));
    assertEquals("completed", qemu.awaitMigration());
  }

  private static void incoming(RealQemu qemu, String uri) {
    qemu.qmp().execute("migrate-incoming", Map.of("uri", uri));
  }

  private static String port(RealQemu qemu) {
    if (qemu.qmp().query("query-migrate").get("socket-address") instanceof List<?> addresses
        && addresses.get(0) instanceof Map<?, ?> address) {
      return String.valueOf(address.get("port"));
    }
    throw new AssertionError("QEMU doesn't listen");
  }

  private static TestVm relay(String uri) throws Exception {
    return new TestVm.Builder("relay")
        .ram(GuestRam.awaited(1 << 30))
        .option("incoming", uri)
        .start();
  }

  private static RecordingVisitor walk(Path file) throws Exception {
    RecordingVisitor seen = new RecordingVisitor();
    new StreamWalker(StreamInput.of(ByteBuffer.wrap(Files.readAllBytes(file))), seen).walk();
    return seen;
  }
}
