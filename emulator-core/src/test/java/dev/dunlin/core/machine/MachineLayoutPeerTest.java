package dev.dunlin.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.testing.RequiresPeer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same command line to a real QEMU and to us: blocks, order and addresses are the same. */
@RequiresPeer("qemu-system-x86_64")
final class MachineLayoutPeerTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-M pc -vga std",
        "-M pc -m 500 -vga std",
        "-M pc -m 8 -vga std",
        "-M pc -vga none",
        "-M pc -m 3583 -vga std",
        "-M pc -m 3584 -vga std",
        "-M pc -m 6000 -vga none",
        "-M pc -bios bios.bin -vga std",
        "-M pc -nodefaults",
        "-M pc -device VGA",
        "-M pc -vga none -device VGA,global-vmstate=on,vgamem_mb=16",
        "-M pc -vga std -device VGA,global-vmstate=on",
        "-M pc -nodefaults -device VGA,vgamem_mb=5,addr=7",
        "-M pc -nodefaults -device VGA,addr=3.1,multifunction=on",
        "-M pc -nodefaults -device VGA,vgamem_mb=0",
        "-M pc -nodefaults -device secondary-vga",
        "-M pc -net none -device VGA",
        "-M pc -nic none -device VGA",
        "-M pc -net nic -net user -device VGA",
        "-M pc -net nic -net nic -net user -device VGA",
        "-M pc -net nic,model=ne2k_isa -net user -device VGA",
        "-M pc -device e1000 -device VGA",
        "-M pc -nodefaults -device e1000 -device VGA",
        "-M pc -device isa-vga",
        "-M pc-i440fx-7.1 -m 4000 -vga std",
        "-M pc-i440fx-2.12 -m 4000 -vga std",
        "-M pc-i440fx-2.0 -m 4000 -vga std",
        "-M pc-i440fx-1.7 -m 4000 -vga std",
        "-M pc-i440fx-1.4 -m 500",
        "-M pc-i440fx-2.1",
        "-M pc-i440fx-2.2",
        "-M q35 -m 2815 -vga std",
        "-M q35 -m 2816 -vga std",
        "-M q35 -m 5000 -vga none -device VGA,global-vmstate=on",
        "-M pc-q35-2.4 -vga std",
        "-M isapc",
        "-M isapc -m 4000 -nodefaults -bios bios.bin -device isa-vga,vgamem_mb=16",
        "-M isapc -vga std",
        "-M isapc -vga none -m 3584",
        "-M none -m 100",
        "-M none -m 1k",
        "-M none -m 5000",
        "-M none",
        "-M none -m 256 -object memory-backend-ram,id=pc.ram,size=256M -machine memory-backend=pc.ram",
      })
  void a_real_qemu_lays_memory_out_in_the_same_way(String line) throws OptionException {
    assertEquals(RealLayout.of(line.split(" ")), ours(line));
  }

  /** Dunlin's own spellings, beside the QEMU command line whose machine takes their stream. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-M pc -m 500 | -M pc -m 500 -vga none -device VGA,global-vmstate=on,vgamem_mb=16",
        "-M q35 -m 4096 | -M q35 -m 4096 -vga none -device VGA,global-vmstate=on,vgamem_mb=16",
        "-M pc | -M pc -vga none -device VGA,global-vmstate=on,vgamem_mb=16",
      })
  void the_default_card_is_the_one_with_a_plain_name(String line, String peers)
      throws OptionException {
    assertEquals(RealLayout.of(peers.split(" ")), ours(line));
  }

  @ParameterizedTest
  @CsvSource({"bios-256k.bin, 40000", "bios.bin, 20000"})
  void an_explicit_bios_sets_the_size_of_its_block(String bios, String length)
      throws OptionException {
    RealLayout layout = ours("-M pc -bios " + bios);
    assertFalse(layout.blocks().stream().noneMatch(("pc.bios=" + length)::equals));
  }

  private static RealLayout ours(String line) throws OptionException {
    MachineConfig config = CommandLine.config(line);
    MachineLayout layout = MachineLayout.of(config, biosLength(config));
    return new RealLayout(
        layout.blocks().stream()
            .map(block -> block.idstr() + "=" + Long.toHexString(block.length()))
            .collect(ImmutableList.toImmutableList()),
        layout.mappings());
  }

  private static long biosLength(MachineConfig config) {
    String name = config.bios().orElse(config.type().firmware());
    return name.equals("bios.bin") ? 128 << 10 : 256 << 10;
  }
}
