package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.vmstate.DescribedState;
import dev.dunlin.migration.vmstate.SaveStateHandler;
import dev.dunlin.migration.vmstate.StateException;
import dev.dunlin.migration.vmstate.VmState;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A VMM's own device states travel in the stream, and none is applied from a bad one. */
@NoLeaks
class DeviceStateTest {
  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @Test
  void devices_are_applied_before_ram_and_told_when_all_is_in_place() throws Exception {
    Path file = directory.resolve("saved");
    byte[] saved;
    try (TestVm source =
        TestVm.none(64).module(m -> m.withState(new Device("cpu", 3, "source"))).start()) {
      source.scribble(1).hmp("migrate file:" + file);
      assertEquals("completed", source.statusLine());
      saved = source.bytes("ram");
    }
    assertTrue(
        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
            .contains("\"name\": \"cpu\", \"instance_id\": 0, \"size\": 10"));
    Device device = new Device("cpu", 3, "target");
    try (TestVm target =
        TestVm.none(64)
            .module(m -> m.withState(device))
            .option("incoming", "defer")
            .start()
            .scribble(2)) {
      // A device whose load wipes memory: what the stream says must win.
      device.onApply = () -> target.ram().blocks().get(0).discard(0, 64 * RamBlock.PAGE_SIZE);
      target.hmp("migrate_incoming file:" + file);
      assertEquals("completed", target.awaitEnd());
      assertEquals(List.of("load 3", "apply", "afterLoad"), device.calls);
      assertEquals("source", device.state);
      assertArrayEquals(saved, target.bytes("ram"));
    }
  }

  @Test
  void a_refused_state_leaves_the_machine_as_it_was_and_another_stream_may_come() throws Exception {
    Path bad = directory.resolve("bad");
    Path good = directory.resolve("good");
    save(bad, new Device("cpu", 3, "refuse me"));
    save(good, new Device("cpu", 3, "fine"));
    Device device = new Device("cpu", 3, "target");
    try (TestVm target =
        TestVm.none(64)
            .module(m -> m.withState(device))
            .option("incoming", "defer")
            .start()
            .scribble(2)) {
      byte[] before = target.bytes("ram");
      target.hmp("migrate_incoming file:" + bad);
      assertTrue(target.awaitEnd().startsWith("failed (cpu: no thanks; "), target.statusLine());
      assertEquals(
          List.of(
              "cpu: no thanks",
              "error while loading state for instance 0x0 of device 'cpu'",
              "load of migration failed: Invalid argument"),
          target.complaints);
      assertEquals(RunState.INMIGRATE, target.state());
      assertArrayEquals(before, target.bytes("ram"));
      assertEquals("target", device.state);
      target.hmp("migrate_incoming file:" + good);
      assertEquals("completed", target.awaitEnd());
      assertEquals("fine", device.state);
    }
  }

  @Test
  void a_newer_version_and_a_device_that_is_missing_are_refused_in_qemu_s_words() throws Exception {
    Path file = directory.resolve("saved");
    save(file, new Device("cpu", 4, "x"));
    try (TestVm older =
        TestVm.none(64)
            .module(m -> m.withState(new Device("cpu", 3, "")))
            .option("incoming", "file:" + file)
            .start()) {
      older.exit.get();
      assertEquals("savevm: unsupported version 4 for 'cpu' v3", older.complaints.get(0));
    }
    try (TestVm without = TestVm.none(64).option("incoming", "file:" + file).start()) {
      assertEquals(1, without.exit.get());
      assertTrue(
          without.complaints.get(0).startsWith("Unknown savevm section or instance 'cpu' 0."),
          without.complaints.toString());
    }
  }

  @Test
  void described_devices_are_all_new_or_all_old() throws Exception {
    Path good = directory.resolve("good");
    Path bad = directory.resolve("bad");
    Timer source = new Timer(5, 100);
    saveTimers(good, source, new Timer(6, 200));
    saveTimers(bad, new Timer(7, 300), new Timer(-1, 400));
    Timer first = new Timer(1, 10);
    Timer second = new Timer(2, 20);
    List<String> order = new ArrayList<>();
    try (TestVm target =
        TestVm.none(64)
            .module(m -> timers(m, first, second, order))
            .option("incoming", "defer")
            .start()
            .scribble(2)) {
      byte[] before = target.bytes("ram");
      target.hmp("migrate_incoming file:" + bad);
      target.awaitEnd();
      assertEquals(
          List.of(
              "timer: mode -1",
              "error while loading state for instance 0x1 of device 'timer'",
              "load of migration failed: Invalid argument"),
          target.complaints);
      assertEquals("1 10, 2 20", first.now + ", " + second.now);
      assertArrayEquals(before, target.bytes("ram"));
      assertEquals(List.of(), order);
      target.hmp("migrate_incoming file:" + good);
      assertEquals("completed", target.awaitEnd());
      assertEquals("5 100, 6 200", first.now + ", " + second.now);
      assertEquals(List.of("first 100", "second 200"), order);
    }
  }

  @Test
  void higher_priority_is_saved_first_and_what_is_not_needed_is_not_sent() throws Exception {
    Path file = directory.resolve("saved");
    Timer idle = new Timer(0, 0);
    try (TestVm source =
        TestVm.none(64)
            .module(
                m ->
                    m.withState(new Device("blob", 1, "x"))
                        .withState(new Timer(1, 2).state())
                        .withState(idle.state().withInstance(1))
                        .withState(new Timer(3, 4).state().withIdstr("bus").withPriority(2)))
            .start()) {
      source.hmp("migrate file:" + file);
      assertEquals("completed", source.statusLine());
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    String json = text.substring(text.indexOf("{\"page_size\""));
    assertEquals(
        List.of("globalstate 0", "bus 0", "blob 0", "timer 0"),
        Pattern.compile("\\{\"name\": \"(\\w+)\", \"instance_id\": (\\d+)")
            .matcher(json)
            .results()
            .map(match -> match.group(1) + " " + match.group(2))
            .toList());
    assertTrue(
        json.contains(
            "{\"name\": \"bus\", \"instance_id\": 0, \"vmsd_name\": \"timer\", \"version\": 1,"
                + " \"fields\": [{\"name\": \"mode\", \"type\": \"int32\", \"size\": 4},"
                + " {\"name\": \"count\", \"type\": \"uint64\", \"size\": 8}]}"),
        json);
  }

  @Test
  void a_device_that_can_not_be_saved_fails_the_migration_by_name() throws Exception {
    Timer wide = new Timer(1, 2);
    VmState<Timer> bad =
        VmState.<Timer>named("wide", 1).uint8("mode", t -> 256, (t, v) -> {}).build();
    try (TestVm source =
        TestVm.none(64)
            .module(m -> m.withState(DescribedState.of(bad, () -> wide, () -> wide, loaded -> {})))
            .start()) {
      source.hmp("migrate file:" + directory.resolve("never"));
      assertEquals(
          "failed (failed to save wide: Save of field wide/mode failed: 256 isn't a value of"
              + " uint8)",
          source.statusLine());
    }
  }

  private void saveTimers(Path file, Timer first, Timer second) throws Exception {
    try (TestVm source =
        TestVm.none(64).module(m -> timers(m, first, second, new ArrayList<>())).start()) {
      source.scribble(1).hmp("migrate file:" + file);
      assertEquals("completed", source.statusLine());
    }
  }

  private static MigrationModule timers(
      MigrationModule module, Timer first, Timer second, List<String> order) {
    return module
        .withState(first.state().withAfterLoad(() -> order.add("first " + first.now.count)))
        .withState(
            second
                .state()
                .withInstance(1)
                .withAfterLoad(() -> order.add("second " + second.now.count)));
  }

  /** A device that replaces its registers as a whole. */
  private static final class Timer {
    private static final class Registers {
      private int mode;
      private long count;

      @Override
      public String toString() {
        return mode + " " + count;
      }
    }

    private static final VmState<Registers> STATE =
        VmState.<Registers>named("timer", 1)
            .int32("mode", r -> r.mode, (r, v) -> r.mode = v)
            .uint64("count", r -> r.count, (r, v) -> r.count = v)
            .neededWhen(r -> r.mode != 0)
            .postLoad(
                (r, version) -> {
                  if (r.mode < 0) {
                    throw new StateException("timer: mode " + r.mode);
                  }
                })
            .build();

    private Registers now = new Registers();

    Timer(int mode, long count) {
      now.mode = mode;
      now.count = count;
    }

    DescribedState<Registers> state() {
      return DescribedState.of(STATE, () -> now, Registers::new, loaded -> now = loaded);
    }
  }

  private static void save(Path file, Device device) throws Exception {
    try (TestVm source = TestVm.none(64).module(m -> m.withState(device)).start()) {
      source.scribble(1).hmp("migrate file:" + file);
      assertEquals("completed", source.statusLine());
    }
  }

  private static final class Device implements SaveStateHandler {
    private final String idstr;
    private final int version;
    private final List<String> calls = new ArrayList<>();
    private String state;
    private Runnable onApply = () -> {};

    Device(String idstr, int version, String state) {
      this.idstr = idstr;
      this.version = version;
      this.state = state;
    }

    @Override
    public String idstr() {
      return idstr;
    }

    @Override
    public int version() {
      return version;
    }

    @Override
    public byte[] save() {
      return state.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Runnable load(byte[] bytes, int streamVersion) throws StateException {
      calls.add("load " + streamVersion);
      String loaded = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes)).toString();
      if (loaded.equals("refuse me")) {
        throw new StateException("no thanks");
      }
      return () -> {
        calls.add("apply");
        state = loaded;
        onApply.run();
      };
    }

    @Override
    public void afterLoad() {
      calls.add("afterLoad");
    }
  }
}
