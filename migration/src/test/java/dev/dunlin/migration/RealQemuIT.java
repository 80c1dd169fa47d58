package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.dunlin.core.run.RunState;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A real QEMU loads what Dunlin saved, and its memory is the same, byte for byte. */
@RequiresPeer("qemu-system-x86_64")
class RealQemuIT {
  private static final long MIB = 1 << 20;
  private static final long FOUR_GIB = 1L << 32;

  @TempDir Path directory;

  static Stream<Arguments> machines() {
    return Stream.of(
        arguments("none", none(), List.of("-M", "none", "-m", "4M"), List.of("ram@0+4M")),
        arguments(
            "none",
            none(),
            List.of(
                "-M",
                "none",
                "-m",
                "4M",
                "-global",
                "migration.send-configuration=off",
                "-global",
                "migration.send-section-footer=off"),
            List.of("ram@0+4M")),
        arguments(
            "isapc",
            pc(16 * MIB, 1 << 17),
            List.of(
                "-M",
                "isapc",
                "-m",
                "16M",
                "-nodefaults",
                "-bios",
                "bios.bin",
                "-device",
                "isa-vga,vgamem_mb=16"),
            List.of("pc.ram@0+640K", "pc.ram@1M+15M", "pc.bios@4G-128K")),
        arguments(
            "pc-i440fx-7.2",
            pc(16 * MIB, 1 << 18),
            List.of(
                "-M",
                "pc",
                "-m",
                "16M",
                "-nodefaults",
                "-vga",
                "none",
                "-device",
                "VGA,global-vmstate=on,vgamem_mb=16"),
            List.of("pc.ram@0+640K", "pc.ram@1M+15M", "pc.bios@4G-256K")),
        arguments(
            "pc-0.12",
            pc(500 * MIB, 1 << 17).block("0000:00:02.0/vga.rom", 1 << 17),
            List.of(
                "-M",
                "pc-i440fx-1.4",
                "-m",
                "500",
                "-nodefaults",
                "-bios",
                "bios.bin",
                "-vga",
                "none",
                "-device",
                "VGA,global-vmstate=on,romsize=131072"),
            List.of("pc.ram@0+640K", "pc.ram@1M+499M", "pc.bios@4G-128K")));
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("machines")
  void a_real_qemu_loads_it(String type, BlockList blocks, List<String> qemu, List<String> windows)
      throws Exception {
    Path file = directory.resolve("saved");
    TestVm.Builder builder = new TestVm.Builder(type);
    blocks.blocks.forEach(block -> builder.block(block.name, block.length));
    for (int i = 0; i < qemu.size() - 1; i++) {
      if (qemu.get(i).equals("-global")) {
        builder.option("global", qemu.get(i + 1));
      }
    }
    try (TestVm vm = builder.start().scribble(7)) {
      assertEquals("", vm.hmp("migrate \"file:" + file + "\""));
      assertEquals("completed", vm.statusLine());
      List<String> arguments = new ArrayList<>(qemu);
      arguments.addAll(List.of("-incoming", "exec:cat " + file, "-S"));
      try (RealQemu real = RealQemu.start(arguments.toArray(String[]::new))) {
        assertEquals("completed", real.awaitMigration());
        for (String window : windows) {
          compare(vm, real, window);
        }
      }
    }
  }

  @Test
  void a_guest_that_was_paused_stays_paused_in_qemu_and_one_that_ran_runs() throws Exception {
    assertEquals("paused", stateInQemu(RunState.PAUSED));
    assertEquals("prelaunch", stateInQemu(RunState.PRELAUNCH));
    assertEquals("running", stateInQemu(RunState.RUNNING));
  }

  private String stateInQemu(RunState state) throws Exception {
    Path file = directory.resolve(state.qapiName());
    try (TestVm vm = TestVm.none(256).start()) {
      if (state != RunState.PRELAUNCH) {
        vm.running();
      }
      if (state == RunState.PAUSED) {
        vm.onLoop(() -> vm.run().stop(RunState.PAUSED));
      }
      vm.hmp("migrate file:" + file);
      assertEquals("completed", vm.statusLine());
    }
    try (RealQemu real =
        RealQemu.start("-M", "none", "-m", "1M", "-incoming", "exec:cat " + file)) {
      assertEquals("completed", real.awaitMigration());
      return real.status();
    }
  }

  @Test
  void a_stream_of_a_real_qemu_is_refused_at_the_first_device_that_dunlin_lacks() throws Exception {
    Path file = directory.resolve("from-qemu");
    try (RealQemu real = RealQemu.start("-M", "none", "-m", "1M", "-S")) {
      real.qmp().execute("migrate", java.util.Map.of("uri", "exec:cat >" + file));
      assertEquals("completed", real.awaitMigration());
    }
    try (TestVm target = TestVm.none(256).option("incoming", "defer").start().scribble(1)) {
      byte[] before = target.bytes("ram");
      assertEquals("", target.hmp("migrate_incoming file:" + file));
      target.awaitEnd();
      assertEquals(
          List.of(
              "Unknown savevm section or instance 'timer' 0. Make sure that your current VM setup"
                  + " matches your saved VM setup, including any hotplugged devices",
              "load of migration failed: Invalid argument"),
          target.complaints);
      org.junit.jupiter.api.Assertions.assertArrayEquals(before, target.bytes("ram"));
      assertEquals(RunState.INMIGRATE, target.state());
    }
  }

  /** {@code block@address+length}; {@code 4G-128K} is the block's whole length below 4 GiB. */
  private static void compare(TestVm vm, RealQemu real, String window) throws Exception {
    String name = window.substring(0, window.indexOf('@'));
    String place = window.substring(window.indexOf('@') + 1);
    if (place.startsWith("4G-")) {
      long length = vm.ram().block(name).orElseThrow().length();
      assertEquals(vm.sha256(name, 0, length), real.sha256(FOUR_GIB - length, length), window);
      return;
    }
    int plus = place.indexOf('+');
    long from = size(place.substring(0, plus));
    long length = size(place.substring(plus + 1));
    assertEquals(vm.sha256(name, from, length), real.sha256(from, length), window);
  }

  private static long size(String text) {
    if (text.endsWith("K")) {
      return Long.parseLong(text.substring(0, text.length() - 1)) * 1024;
    }
    return text.endsWith("M")
        ? Long.parseLong(text.substring(0, text.length() - 1)) * MIB
        : Long.parseLong(text);
  }

  private static BlockList none() {
    return new BlockList().block("ram", 4 * MIB);
  }

  private static BlockList pc(long ram, long bios) {
    return new BlockList()
        .block("pc.ram", ram)
        .block("pc.bios", bios)
        .block("pc.rom", 1 << 17)
        .block("vga.vram", 16 * MIB);
  }

  /** Blocks of a machine, made when the test runs. */
  private static final class BlockList {
    private record Block(String name, long length) {}

    private final List<Block> blocks = new ArrayList<>();

    BlockList block(String name, long length) {
      if (length % RamBlock.PAGE_SIZE != 0) {
        throw new IllegalArgumentException(name);
      }
      blocks.add(new Block(name, length));
      return this;
    }
  }
}
