package dev.dunlin.core.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.ram.DirtyBitmap;
import dev.dunlin.ram.DirtyClient;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes into a machine's memory at its start and at each reset. */
@NoLeaks
final class MachineTest {
  private static final byte[] CODE = "code".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws OptionException {
    machine("-M none -m 1").close();
  }

  @Test
  void the_seeds_machine_declares_its_five_blocks_in_the_seeds_order() throws OptionException {
    try (Machine machine = machine("-M pc-0.12 -m 500 -net nic -net user")) {
      assertEquals(
          List.of(
              "pc.ram[0x1f400000]",
              "pc.bios[0x20000]",
              "pc.rom[0x20000]",
              "vga.vram[0x1000000]",
              "0000:00:02.0/vga.rom[0x20000]"),
          machine.ram().blocks().stream().map(RamBlock::toString).toList());
      assertEquals(0x20460000, machine.ram().totalLength());
      assertEquals("pc-0.12", machine.type());
    }
  }

  @Test
  void nothing_is_written_before_the_first_reset() throws IOException, OptionException {
    Path file = file("image", 5000);
    try (Machine machine = machine("-device loader,file=" + file + ",addr=0x200000")) {
      for (RamBlock block : machine.ram().blocks()) {
        assertEquals(block.length(), block.backing().nextTouched(0), block.idstr());
      }
      machine.reset();
      assertArrayEquals(Files.readAllBytes(file), bytes(machine, 0x200000, 5000));
    }
  }

  @Test
  void a_reset_writes_images_again_and_leaves_the_rest() throws IOException, OptionException {
    Path file = file("image", 5000);
    byte[] content = Files.readAllBytes(file);
    try (Machine machine = machine("-device loader,file=" + file + ",addr=0x200000")) {
      machine.reset();
      machine.ram().memory().write(0x200000 - 1, ByteBuffer.wrap(new byte[5002]));
      machine.ram().memory().write(0x300000, ByteBuffer.wrap(new byte[] {7}));
      Files.write(file, new byte[10]);
      DirtyBitmap dirty =
          machine.ram().block("pc.ram").orElseThrow().startTracking(DirtyClient.EMBEDDER);
      machine.reset();
      assertArrayEquals(content, bytes(machine, 0x200000, 5000));
      assertEquals(7, bytes(machine, 0x300000, 1)[0]);
      assertEquals(2, dirty.count(), "the image's two pages");
    }
  }

  @Test
  void the_bios_appears_under_four_gib_and_its_end_under_one_mib()
      throws IOException, OptionException {
    Path bios = file("firmware", 256 << 10);
    byte[] content = Files.readAllBytes(bios);
    try (Machine machine = machine("-bios " + bios)) {
      machine.reset();
      assertArrayEquals(content, bytes(machine, 0xfffc0000L, 256 << 10));
      byte[] half = Arrays.copyOfRange(content, 128 << 10, 256 << 10);
      assertArrayEquals(half, bytes(machine, 0xe0000, 128 << 10));
      machine.ram().memory().write(0xe0000, ByteBuffer.wrap(new byte[100]));
      assertArrayEquals(half, bytes(machine, 0xe0000, 128 << 10), "a guest can't write it");
    }
  }

  @Test
  void firmware_is_looked_for_in_the_directories_given() throws IOException, OptionException {
    Path bios = file("bios-256k.bin", 64 << 10);
    try (Machine machine = machine("-L /nonexistent -L " + directory)) {
      assertEquals(64 << 10, machine.ram().block("pc.bios").orElseThrow().length());
      machine.reset();
      assertArrayEquals(Files.readAllBytes(bios), bytes(machine, 0xffff0000L, 64 << 10));
    }
  }

  @Test
  void option_roms_lie_at_two_kib_steps() throws IOException, OptionException {
    Path one = file("one", 2049);
    Path two = file("two", 512);
    try (Machine machine = machine("-option-rom " + one + " -option-rom " + two)) {
      machine.reset();
      assertArrayEquals(Files.readAllBytes(one), bytes(machine, 0xc0000, 2049));
      assertArrayEquals(Files.readAllBytes(two), bytes(machine, 0xc1000, 512));
    }
  }

  @Test
  void data_is_written_in_either_byte_order() throws OptionException {
    try (Machine machine =
        machine(
            "-device loader,addr=0x1000,data=0x0102030405060708,data-len=4"
                + " -device loader,addr=0x2000,data=0x0102030405060708,data-len=8,data-be=on"
                + " -device loader,addr=0x3000,data=0x0102030405060708,data-len=2,data-be=on")) {
      machine.reset();
      assertArrayEquals(new byte[] {8, 7, 6, 5, 0}, bytes(machine, 0x1000, 5));
      assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, bytes(machine, 0x2000, 8));
      assertArrayEquals(new byte[] {1, 2, 0}, bytes(machine, 0x3000, 3));
    }
  }

  @Test
  void segments_of_an_elf_file_go_where_they_say() throws IOException, OptionException {
    for (boolean wide : new boolean[] {false, true}) {
      Path elf = directory.resolve("elf" + wide);
      Files.write(elf, elf(wide, 0x300000, CODE, 100));
      try (Machine machine = machine("-device loader,file=" + elf + ",addr=0x5000")) {
        machine.ram().memory().write(0x300000, ByteBuffer.wrap(filled(200, 9)));
        machine.reset();
        byte[] back = bytes(machine, 0x300000, 101);
        assertArrayEquals(CODE, Arrays.copyOf(back, 4));
        assertEquals(0, back[99], "the segment's tail is zeroed");
        assertEquals(9, back[100]);
        assertEquals(0, bytes(machine, 0x5000, 1)[0]);
      }
      try (Machine machine = machine("-device loader,file=" + elf + ",addr=0x5000,force-raw=on")) {
        machine.reset();
        assertArrayEquals(Files.readAllBytes(elf), bytes(machine, 0x5000, (int) Files.size(elf)));
      }
    }
  }

  @Test
  void a_broken_elf_file_is_taken_as_it_is() throws IOException, OptionException {
    byte[] sound = elf(true, 0x300000, CODE, 100);
    Random random = new Random(7);
    for (int i = 0; i < 60; i++) {
      byte[] broken = sound.clone();
      broken[random.nextInt(120)] = (byte) random.nextInt();
      Path elf = directory.resolve("elf");
      Files.write(elf, Arrays.copyOf(broken, i % 2 == 0 ? broken.length : random.nextInt(124)));
      try (Machine machine = machine("-device loader,file=" + elf + ",addr=0x5000")) {
        machine.reset();
      } catch (OptionException refused) {
        assertTrue(String.valueOf(refused.getMessage()).contains("Cannot load specified image"));
      }
    }
  }

  @Test
  void a_hex_file_goes_where_it_says() throws IOException, OptionException {
    Path hex = directory.resolve("hex");
    Files.writeString(
        hex,
        ":10010000214601360121470136007EFE09D2190140\n:020000040030CA\r\n:0101000055A9\n:00000001FF\n");
    try (Machine machine = machine("-device loader,file=" + hex + ",addr=0x5000")) {
      machine.reset();
      assertArrayEquals(new byte[] {0x21, 0x46, 0x01, 0x36}, bytes(machine, 0x100, 4));
      assertEquals(0x55, bytes(machine, 0x300100, 1)[0]);
      assertEquals(0, bytes(machine, 0x5000, 1)[0]);
    }
    Files.writeString(hex, ":10010000214601360121470136007EFE09D2190141\n:00000001FF\n");
    try (Machine machine = machine("-device loader,file=" + hex + ",addr=0x5000")) {
      machine.reset();
      assertEquals(':', bytes(machine, 0x5000, 1)[0], "a wrong checksum makes it raw");
    }
  }

  @Test
  void an_image_beyond_ram_loads_what_fits() throws IOException, OptionException {
    Path file = file("image", 5000);
    try (Machine machine = machine("-M none -m 1 -device loader,file=" + file + ",addr=0xff000")) {
      machine.reset();
      byte[] first = Arrays.copyOf(Files.readAllBytes(file), 4096);
      assertArrayEquals(first, bytes(machine, 0xff000, 4096));
    }
  }

  @Test
  void a_large_image_stays_off_the_heap_and_comes_back() throws IOException, OptionException {
    Path file = file("large", (5 << 20) + 3);
    try (Machine machine = machine("-device loader,file=" + file + ",addr=1048577")) {
      machine.reset();
      assertArrayEquals(Files.readAllBytes(file), bytes(machine, 1048577, (5 << 20) + 3));
    }
  }

  @Test
  void ram_in_a_file_begins_with_its_content_and_is_written_back_when_shared()
      throws IOException, OptionException {
    Path file = file("ram", 1 << 20);
    byte[] content = Files.readAllBytes(file);
    for (boolean shared : new boolean[] {false, true}) {
      String backend =
          "-object memory-backend-file,id=m,size=1M,share=%s,mem-path=%s"
              .formatted(shared ? "on" : "off", file);
      try (Machine machine = machine("-M none,memory-backend=m " + backend)) {
        assertEquals("m[0x100000]", machine.ram().blocks().get(0).toString());
        assertArrayEquals(content, bytes(machine, 0, 1 << 20));
        machine.ram().memory().write(5, ByteBuffer.wrap(new byte[] {42}));
        assertEquals(42, bytes(machine, 5, 1)[0]);
      }
      content[5] = shared ? 42 : content[5];
      assertArrayEquals(content, Files.readAllBytes(file), "shared: " + shared);
    }
  }

  @Test
  void a_ram_file_that_is_not_there_is_made() throws IOException, OptionException {
    Path file = directory.resolve("new");
    String backend = "-object memory-backend-file,id=m,size=1M,share=on,mem-path=" + file;
    try (Machine machine = machine("-M none,memory-backend=m " + backend)) {
      machine.ram().memory().write(5, ByteBuffer.wrap(new byte[] {42}));
    }
    assertEquals(1 << 20, Files.size(file));
    assertEquals(42, Files.readAllBytes(file)[5]);
    String inDirectory = "-object memory-backend-file,id=m,size=1M,mem-path=" + directory;
    try (Machine machine = machine("-M none,memory-backend=m " + inDirectory)) {
      machine.ram().memory().write(5, ByteBuffer.wrap(new byte[] {42}));
      assertEquals(42, bytes(machine, 5, 1)[0]);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void a_backends_odd_size_is_rounded_up_to_pages() throws OptionException {
    try (Machine machine =
        machine("-M none,memory-backend=m -object memory-backend-ram,id=m,size=4097")) {
      assertEquals("m[0x2000]", machine.ram().blocks().get(0).toString());
    }
  }

  @Test
  void a_machine_without_anything_has_no_blocks() throws OptionException {
    try (Machine machine = machine("-M none")) {
      assertTrue(machine.ram().blocks().isEmpty());
      machine.reset();
    }
  }

  private static Machine machine(String line) throws OptionException {
    return Machine.create(CommandLine.config(line), GuestMemoryFiles.best(), Clock.system());
  }

  private Path file(String name, int length) throws IOException {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Files.write(directory.resolve(name), bytes);
  }

  private static byte[] bytes(Machine machine, long address, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    machine.ram().memory().read(address, bytes);
    return bytes.array();
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** An ELF file with one segment. */
  private static byte[] elf(boolean wide, int address, byte[] code, int memory) {
    int header = wide ? 64 : 52;
    int entry = wide ? 56 : 32;
    ByteBuffer elf =
        ByteBuffer.allocate(header + entry + code.length).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464c457f).put(4, (byte) (wide ? 2 : 1)).put(5, (byte) 1).put(6, (byte) 1);
    elf.putShort(16, (short) 2).putShort(18, (short) (wide ? 62 : 3));
    elf.putInt(wide ? 32 : 28, header);
    elf.putShort(wide ? 54 : 42, (short) entry).putShort(wide ? 56 : 44, (short) 1);
    elf.putInt(header, 1);
    int[] places = wide ? new int[] {8, 24, 32, 40} : new int[] {4, 12, 16, 20};
    int[] values = {header + entry, address, code.length, memory};
    for (int i = 0; i < 4; i++) {
      elf.putInt(header + places[i], values[i]);
    }
    elf.position(header + entry).put(code);
    return elf.array();
  }
}
