package dev.dunlin.migration.ram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.migration.stream.BlockSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SavevmReader;
import dev.dunlin.migration.stream.SavevmWriter;
import dev.dunlin.migration.stream.StreamBuilder;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.migration.stream.VmDescription;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.NioRamFiles;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.StagedRam;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RamSaverTest {
  private static final BooleanSupplier NEVER = () -> false;
  private static final int SEEDS_SNIPPET = 121;

  private final List<GuestRam> machines = new ArrayList<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final StreamOutput out = new StreamOutput(this::collect);

  @AfterEach
  void release() {
    machines.forEach(GuestRam::close);
  }

  @Test
  void the_old_machine_starts_with_the_bytes_that_an_strace_of_it_shows() throws IOException {
    GuestRam ram =
        machine(
            "pc.ram", 500L << 20,
            "pc.bios", 128L << 10,
            "pc.rom", 128L << 10,
            "vga.vram", 16L << 20,
            "e1000.rom", 128L << 10);
    StreamDialect dialect = StreamDialect.PC_0_12;
    SavevmWriter writer = new SavevmWriter(out, dialect);
    writer.header("pc-0.12");
    writer.beginStart(dialect.blockSection(), BlockSection.IDSTR, 0, BlockSection.VERSION);
    BlockSection.saveEmpty(out);
    writer.endSection(dialect.blockSection());
    writer.beginStart(dialect.ramSection(), RamSaver.IDSTR, 0, RamSaver.VERSION);
    new RamSaver(ram, out, dialect.largestBlockFirst()).saveSetup();
    out.flush();

    // "QEVM\0\0\0\3\1\0\0\0\3\5block…\3ram…\0\0\0\0 F\0\4…": the trace ends inside vga.vram's
    // length.
    byte[] traced =
        StreamBuilder.hex(
            "5145564d 00000003"
                + "01 00000003 05 626c6f636b 00000000 00000001 0000000000000002"
                + "01 00000004 03 72616d 00000000 00000004 0000000020460004"
                + "06 70632e72616d 000000001f400000"
                + "07 70632e62696f73 0000000000020000"
                + "06 70632e726f6d 0000000000020000"
                + "08 7667612e7672616d 000000000100");
    assertEquals(SEEDS_SNIPPET, traced.length);
    assertArrayEquals(traced, Arrays.copyOf(bytes.toByteArray(), traced.length));
  }

  @Test
  void untouched_memory_is_sent_as_zero_records_without_being_allocated() throws IOException {
    GuestRam ram = machine("pc.ram", 64L << 20);
    RamSaver saver = new RamSaver(ram, out, true);
    saver.saveSetup();
    long before = out.position();
    saver.saveSome(NEVER);
    long pages = (64L << 20) / RamBlock.PAGE_SIZE;
    // A word and a fill byte each, the name once, and the word that ends the section.
    assertEquals(pages * 9 + "pc.ram".length() + 1 + 8, out.position() - before);
    assertEquals(pages, saver.counters(0).zeroPages());
    assertEquals(0, saver.remaining());
    assertEquals(64L << 20, ram.blocks().get(0).backing().nextTouched(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void what_was_saved_loads_back_page_for_page(int seed) throws Exception {
    Random random = new Random(seed);
    GuestRam source = machine("pc.ram", 2L << 20, "pc.rom", 128L << 10, "vga.vram", 1L << 20);
    for (RamBlock block : source.blocks()) {
      scribble(block, random, 40);
    }
    save(source, StreamDialect.MODERN, random);
    GuestRam target = machine("pc.ram", 2L << 20, "pc.rom", 128L << 10, "vga.vram", 1L << 20);
    for (RamBlock block : target.blocks()) {
      scribble(block, random, 40);
    }
    load(target, StreamDialect.MODERN);
    for (RamBlock block : source.blocks()) {
      assertArrayEquals(content(block), content(target.block(block.idstr()).orElseThrow()));
    }
  }

  @Test
  void a_page_written_after_it_was_sent_is_sent_again_with_its_last_content() throws Exception {
    GuestRam source = machine("pc.ram", 1L << 20);
    RamBlock ram = source.blocks().get(0);
    source.dirtyLog().start();
    RamSaver saver = new RamSaver(source, out, true);
    SavevmWriter writer = startRam(saver);
    part(writer, saver);
    assertEquals(0, saver.remaining());

    write(ram, 5 * RamBlock.PAGE_SIZE + 17, (byte) 1);
    write(ram, 6 * RamBlock.PAGE_SIZE, (byte) 2);
    saver.harvest(source.dirtyLog());
    assertEquals(2 * RamBlock.PAGE_SIZE, saver.remaining());
    part(writer, saver);
    write(ram, 6 * RamBlock.PAGE_SIZE, (byte) 3);
    saver.harvest(source.dirtyLog());
    saver.guestStopped();
    end(writer, saver);

    assertEquals(3, saver.counters(0).normalPages());
    assertEquals(3, saver.counters(0).syncs());
    assertTrue(saver.counters(0).downtimeBytes() > RamBlock.PAGE_SIZE);
    GuestRam target = machine("pc.ram", 1L << 20);
    load(target, StreamDialect.MODERN);
    assertArrayEquals(content(ram), content(target.blocks().get(0)));
  }

  @Test
  void a_pause_ends_the_section_and_the_next_one_goes_on() throws Exception {
    GuestRam source = machine("pc.ram", 4L << 20);
    Random random = new Random(7);
    byte[] all = new byte[4 << 20];
    random.nextBytes(all);
    source.blocks().get(0).write(0, ByteBuffer.wrap(all));
    RamSaver saver = new RamSaver(source, out, true);
    SavevmWriter writer = startRam(saver);
    int rounds = 0;
    while (saver.remaining() > 0) {
      boolean[] asked = {false};
      writer.beginPart(2);
      saver.saveSome(
          () -> {
            boolean second = asked[0];
            asked[0] = true;
            return second;
          });
      writer.endSection(2);
      rounds++;
    }
    assertEquals(64, rounds);
    end(writer, saver);
    GuestRam target = machine("pc.ram", 4L << 20);
    load(target, StreamDialect.MODERN);
    assertArrayEquals(all, content(target.blocks().get(0)));
  }

  private void save(GuestRam source, StreamDialect dialect, Random random) throws IOException {
    RamSaver saver = new RamSaver(source, out, dialect.largestBlockFirst());
    SavevmWriter writer = startRam(saver);
    writer.beginPart(dialect.ramSection());
    saver.saveSome(() -> random.nextInt(20) == 0);
    writer.endSection(dialect.ramSection());
    end(writer, saver);
    assertFalse(saver.remaining() > 0);
  }

  private SavevmWriter startRam(RamSaver saver) throws IOException {
    SavevmWriter writer = new SavevmWriter(out, StreamDialect.MODERN);
    writer.header("none");
    writer.beginStart(2, RamSaver.IDSTR, 0, RamSaver.VERSION);
    saver.saveSetup();
    writer.endSection(2);
    return writer;
  }

  private static void part(SavevmWriter writer, RamSaver saver) throws IOException {
    writer.beginPart(2);
    saver.saveSome(NEVER);
    writer.endSection(2);
  }

  private static void end(SavevmWriter writer, RamSaver saver) throws IOException {
    writer.beginEnd(2);
    saver.saveRest(NEVER);
    writer.endSection(2);
    writer.finish(new VmDescription(RamBlock.PAGE_SIZE));
  }

  private void load(GuestRam target, StreamDialect dialect) throws IOException, LoadException {
    ByteBuffer stream = ByteBuffer.wrap(bytes.toByteArray());
    StreamInput in =
        new StreamInput(
            into -> {
              int length = Math.min(into.remaining(), stream.remaining());
              into.put(stream.slice(stream.position(), length));
              stream.position(stream.position() + length);
              return length == 0 ? -1 : length;
            });
    try (StagedRam staged = StagedRam.over(target, new NioRamFiles())) {
      RamLoader loader = new RamLoader(new StagedTarget(staged));
      new SavevmReader(in, dialect, Configuration.of("none"), List.of(loader), warning -> {})
          .load();
      staged.apply();
    }
    assertEquals(bytes.size(), in.position());
  }

  private GuestRam machine(Object... namesAndLengths) throws IOException {
    List<RamBlock> blocks = new ArrayList<>();
    for (int i = 0; i < namesAndLengths.length; i += 2) {
      String name = (String) namesAndLengths[i];
      long length = (Long) namesAndLengths[i + 1];
      blocks.add(new RamBlock(name, MappedRam.create(new NioRamFiles(), name, length), false));
    }
    GuestRam ram = new GuestRam(blocks, PhysicalMap.EMPTY);
    machines.add(ram);
    return ram;
  }

  private static void scribble(RamBlock block, Random random, int writes) {
    for (int i = 0; i < writes; i++) {
      byte[] some = new byte[1 + random.nextInt(10_000)];
      random.nextBytes(some);
      long room = block.length() - some.length;
      block.write((long) (random.nextDouble() * room), ByteBuffer.wrap(some));
    }
  }

  private static void write(RamBlock block, long offset, byte value) {
    block.write(offset, ByteBuffer.wrap(new byte[] {value}));
  }

  private static byte[] content(RamBlock block) {
    ByteBuffer all = ByteBuffer.allocate((int) block.length());
    block.read(0, all);
    return all.array();
  }

  private void collect(ByteBuffer piece) {
    byte[] copy = new byte[piece.remaining()];
    piece.get(copy);
    bytes.writeBytes(copy);
  }
}
