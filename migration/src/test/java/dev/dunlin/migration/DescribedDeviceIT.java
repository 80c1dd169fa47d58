package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.vmstate.DescribedState;
import dev.dunlin.migration.vmstate.QemuDevices;
import dev.dunlin.migration.vmstate.StateEntry;
import dev.dunlin.migration.vmstate.VmState;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Devices of a real QEMU, described in Dunlin: the bytes that QEMU wrote are read and written back
 * alike, described alike, refused in the same words, and loaded by QEMU when Dunlin made them.
 */
@RequiresPeer("qemu-system-x86_64")
class DescribedDeviceIT {
  private static final int FULL = 4;
  private static final int FOOTER_BYTES = 5;
  private static final List<String> MACHINE = List.of("-M", "pc", "-m", "16M", "-S");

  @TempDir static Path directory;
  private static byte[] stream = {};

  @BeforeAll
  static void save() throws Exception {
    Path file = directory.resolve("pc");
    try (RealQemu qemu = RealQemu.start(MACHINE.toArray(String[]::new))) {
      qemu.qmp().execute("migrate", Map.of("uri", "exec:cat >" + file));
      assertEquals("completed", qemu.awaitMigration());
    }
    stream = Files.readAllBytes(file);
  }

  static Stream<Arguments> devices() {
    return Stream.of(
        device(QemuDevices.PIT, QemuDevices.Pit::new),
        device(QemuDevices.PCI_BUS, QemuDevices.PciBus::new),
        device(QemuDevices.HPET, QemuDevices.Hpet::new),
        device(QemuDevices.FDC, QemuDevices.Fdc::new),
        device(QemuDevices.FW_CFG, QemuDevices.FwCfg::new),
        device(QemuDevices.RTC, QemuDevices.Rtc::new));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("devices")
  void what_qemu_wrote_is_read_and_written_back_and_described_alike(
      String name, VmState<Object> state, Supplier<Object> fresh) throws Exception {
    Section section = section(name);
    AtomicReference<Object> device = new AtomicReference<>(fresh.get());
    StateEntry entry = DescribedState.of(state, device::get, fresh, device::set);
    StateEntry.Staged staged = entry.stage();
    StreamInput in = input(Arrays.copyOfRange(stream, section.content, stream.length));
    staged.load(in, section.version);
    assertEquals(0x7e, in.getByte(), "the footer comes next");
    staged.apply();
    StateEntry.Content content = entry.save().orElseThrow();
    int length = content.bytes().length;
    assertEquals(0x7e, stream[section.content + length]);
    assertArrayEquals(
        Arrays.copyOfRange(stream, section.content, section.content + length), content.bytes());
    String description = new String(stream, StandardCharsets.ISO_8859_1);
    assertTrue(description.contains(content.description()), content.description());
  }

  static Stream<Arguments> spoiled() {
    return Stream.of(
        arguments("PCIBUS", 3, new byte[] {7}),
        arguments("i8254", -1, new byte[] {1}),
        arguments("fw_cfg", 14, "xyz".getBytes(StandardCharsets.UTF_8)),
        arguments("fw_cfg", 21, new byte[] {9}),
        arguments("hpet", 24, new byte[] {(byte) 200}),
        arguments("fdc", 538, new byte[] {7}),
        arguments("fdc", 555, new byte[] {2}));
  }

  @ParameterizedTest(name = "{0} at {1}")
  @MethodSource("spoiled")
  void what_qemu_refuses_is_refused_in_its_words(String name, int at, byte[] bytes)
      throws Exception {
    byte[] bad = stream.clone();
    Section good = section(name);
    System.arraycopy(bytes, 0, bad, good.content + at, bytes.length);
    Path file = Files.write(directory.resolve("bad"), bad);
    List<String> arguments = new ArrayList<>(MACHINE);
    arguments.addAll(List.of("-incoming", "exec:cat " + file));
    ChildProcess.Result qemu =
        RealQemu.run(Duration.ofMinutes(2), arguments.toArray(String[]::new));
    assertEquals(
        qemu.stderr().lines().map(line -> line.replaceFirst("^\\S*: ", "")).toList(),
        words(name, bad, good));
  }

  /** What the reader of the whole stream adds is added here, since the rest of pc isn't ours. */
  private static List<String> words(String name, byte[] bad, Section good) {
    Arguments device = devices().filter(one -> one.get()[0].equals(name)).findFirst().orElseThrow();
    int version = ByteBuffer.wrap(bad).getInt(good.content - Integer.BYTES);
    LoadException e =
        assertThrows(
            LoadException.class,
            () -> load(device, input(Arrays.copyOfRange(bad, good.content, bad.length)), version));
    List<String> lines = new ArrayList<>(e.lines());
    lines.add("error while loading state for instance 0x0 of device '" + name + "'");
    lines.add("load of migration failed: " + e.kind().text());
    return lines;
  }

  @SuppressWarnings("unchecked")
  private static void load(Arguments device, StreamInput in, int version) throws LoadException {
    Supplier<Object> fresh = (Supplier<Object>) device.get()[2];
    DescribedState.of((VmState<Object>) device.get()[1], fresh, fresh, loaded -> {})
        .stage()
        .load(in, version);
  }

  @Test
  void a_device_of_dunlin_s_goes_through_a_real_qemu_and_comes_back() throws Exception {
    QemuDevices.Pit pit = new QemuDevices.Pit();
    for (int i = 0; i < pit.channels.length; i++) {
      pit.channels[i].count = 0x10000 - i;
      pit.channels[i].latchedCount = 0x1234 + i;
      pit.channels[i].nextTransition = -1;
      Arrays.fill(pit.channels[i].flags, (byte) 1);
    }
    pit.irqDisabled = 1;
    pit.nextTransition = -1;
    AtomicReference<QemuDevices.Pit> live = new AtomicReference<>(pit);
    StateEntry entry =
        DescribedState.of(QemuDevices.PIT, live::get, QemuDevices.Pit::new, live::set);
    Path there = directory.resolve("there");
    Path back = directory.resolve("back");
    try (TestVm vm = pc().module(m -> m.withState(entry)).start().scribble(3)) {
      vm.hmp("migrate \"file:" + there + "\"");
      assertEquals("completed", vm.statusLine());
    }
    try (RealQemu qemu =
        RealQemu.start(
            "-M",
            "pc",
            "-m",
            "16M",
            "-S",
            "-nodefaults",
            "-vga",
            "none",
            "-device",
            "VGA,global-vmstate=on,vgamem_mb=16",
            "-incoming",
            "exec:cat " + there)) {
      assertEquals("completed", qemu.awaitMigration());
      qemu.qmp().execute("migrate", Map.of("uri", "exec:cat >" + back));
      assertEquals("completed", qemu.awaitMigration());
    }
    byte[] theirs = Files.readAllBytes(back);
    Section section = find("i8254", theirs).orElseThrow();
    byte[] ours = entry.save().orElseThrow().bytes();
    assertArrayEquals(
        ours, Arrays.copyOfRange(theirs, section.content, section.content + ours.length));
  }

  private static TestVm.Builder pc() {
    return new TestVm.Builder("pc-i440fx-7.2")
        .block("pc.ram", 16 << 20)
        .block("pc.bios", 1 << 18)
        .block("pc.rom", 1 << 17)
        .block("vga.vram", 16 << 20);
  }

  private static <T> Arguments device(VmState<T> state, Supplier<T> fresh) {
    return arguments(state.name(), state, fresh);
  }

  /** Where a section's content begins. */
  private record Section(int content, int version) {}

  private static Section section(String idstr) {
    return find(idstr, stream).orElseThrow();
  }

  /** A FULL section by its header: type, id, name, instance 0. */
  private static Optional<Section> find(String idstr, byte[] in) {
    byte[] name = idstr.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.wrap(in);
    for (int at = FOOTER_BYTES; at < in.length - name.length - 9; at++) {
      if (in[at] == name.length
          && in[at - FOOTER_BYTES] == FULL
          && Arrays.equals(in, at + 1, at + 1 + name.length, name, 0, name.length)
          && bytes.getInt(at + 1 + name.length) == 0) {
        int version = at + 1 + name.length + Integer.BYTES;
        return Optional.of(new Section(version + Integer.BYTES, bytes.getInt(version)));
      }
    }
    return Optional.empty();
  }

  private static StreamInput input(byte[] bytes) {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    return new StreamInput(
        into -> {
          if (!left.hasRemaining()) {
            return -1;
          }
          int piece = Math.min(left.remaining(), into.remaining());
          into.put(left.slice(left.position(), piece));
          left.position(left.position() + piece);
          return piece;
        });
  }
}
