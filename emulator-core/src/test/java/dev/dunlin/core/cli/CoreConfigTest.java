package dev.dunlin.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.BadOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

public class CoreConfigTest {
  private static final OptionTable TABLE = OptionTable.of(CoreOptions.specs());

  static Stream<BadOptions> badOptions() {
    return BadOptions.table(CoreConfigTest.class, "bad-options.txt");
  }

  @ParameterizedTest
  @MethodSource("badOptions")
  void a_wrong_option_is_refused_with_one_sentence(BadOptions row) {
    assertEquals(
        row.sentence(), assertThrows(OptionException.class, () -> read(row.args())).getMessage());
  }

  @Test
  void the_seeds_command_line_is_understood() throws OptionException {
    CoreConfig config = read("-m 500 -net nic -net user -monitor stdio");
    assertEquals("pc-i440fx-7.2", config.machine().type());
    assertEquals(OptionalLong.of(500L << 20), config.memory());
    assertFalse(config.startStopped());
    assertTrue(config.vga());
  }

  @Test
  void everything_that_can_be_said_is_read() throws OptionException {
    CoreConfig config =
        read(
            "-M none,suppress-vmdesc=on,memory-backend=r -object memory-backend-ram,id=r,size=3M"
                + " -name vm,debug-threads=on -uuid 00112233-4455-6677-8899-aabbccddeeff -S"
                + " -nodefaults -no-reboot -no-shutdown -nographic -vga none -bios b.bin -L /a -L"
                + " /b -option-rom x.rom -option-rom romfile=y,,z -device loader,id=l,addr=4"
                + " -device e1000 -global migration.send-configuration=off,on -display none"
                + " -serial none -parallel null");
    assertEquals(new MachineOption("none", true, Optional.of("r")), config.machine());
    assertEquals(OptionalLong.of(3L << 20), config.memory());
    assertEquals("vm", config.name());
    assertEquals(
        Optional.of(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")), config.uuid());
    assertTrue(config.startStopped() && config.noDefaults() && config.noReboot());
    assertTrue(config.noShutdown() && config.noGraphic() && !config.vga());
    assertEquals(Optional.of("b.bin"), config.bios());
    assertEquals(List.of("/a", "/b"), config.dataDirectories());
    assertEquals(List.of("x.rom", "y,z"), config.optionRoms());
    assertEquals("loader", config.devices().get(0).driver());
    assertEquals(Optional.of("l"), config.devices().get(0).id());
    assertEquals("addr=4", config.devices().get(0).properties().toString());
    assertEquals(
        List.of(new GlobalProperty("migration", "send-configuration", "off,on")), config.globals());
  }

  @ParameterizedTest
  @CsvSource({
    "'', -1", "-m 500, 524288000", "-m 0, -1", "-m 1.5G, 1610612736", "-m 5k, 8192",
    "-m 3B, 8192", "-m 1.0, 1048576", "-m 1., 8192", "-m 0x10, 16777216", "-m size=5, 5242880",
    "'-m 1G,size=2G', 2147483648", "-m 1G -m 2G, 2147483648", "'-m 128,maxmem=128M', 134217728"
  })
  void memory_is_counted_as_qemu_counts_it(String line, long bytes) throws OptionException {
    assertEquals(bytes < 0 ? OptionalLong.empty() : OptionalLong.of(bytes), read(line).memory());
  }

  @Test
  void machine_options_add_up() throws OptionException {
    MachineOption machine =
        read("-M pc-0.12 -machine suppress-vmdesc=on -M suppress-vmdesc=off,graphics=off")
            .machine();
    assertEquals(new MachineOption("pc-0.12", false, Optional.empty()), machine);
    assertTrue(MachineOption.isHelpWanted(TABLE.parse(List.of("-M", "help"))));
    assertTrue(MachineOption.help().contains("pc-i440fx-7.2"));
  }

  @Test
  void options_that_ask_for_nothing_are_taken() throws OptionException {
    assertEquals(
        read(""), read("-snapshot -no-user-config -nodefconfig -no-kvm -no-acpi -display none"));
  }

  @Test
  void the_help_lists_every_option_once() {
    String help = HelpText.of("dunlin", TABLE);
    for (OptionSpec spec : CoreOptions.specs()) {
      long lines =
          help.lines()
              .filter(l -> l.equals("-" + spec.name()) || l.startsWith("-" + spec.name() + " "))
              .count();
      assertEquals(1, lines, spec.name());
    }
    assertTrue(help.startsWith("usage: dunlin [options]\n"), help);
  }

  private static CoreConfig read(String line) throws OptionException {
    return read(line.isEmpty() ? List.<String>of() : Arrays.asList(line.split(" ")));
  }

  private static CoreConfig read(List<String> args) throws OptionException {
    return CoreConfig.read(TABLE.parse(args), Set.of());
  }
}
