package dev.dunlin.migration.hostile;

import dev.dunlin.migration.LoadTrial;
import dev.dunlin.migration.multifd.Compression;
import dev.dunlin.migration.multifd.LaneBytes;
import dev.dunlin.migration.stream.StreamBytes;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.RealQemu;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Real streams, made anew for each run: by Dunlin's own migration and by QEMU's. */
final class Seeds {
  private final Path directory;
  private final Path work;

  private Seeds(Path directory, Path work) {
    this.directory = directory;
    this.work = work;
  }

  /**
   * Writes {@code directory/TARGET/NAME} for every target.
   *
   * @param work for files on the way
   */
  static void make(Path directory, Path work) throws Exception {
    for (StreamTarget target : StreamTarget.values()) {
      Files.createDirectories(directory.resolve(target.name()));
    }
    Seeds seeds = new Seeds(directory, work);
    seeds.dunlins();
    seeds.qemus();
    seeds.differences();
    seeds.lanes();
  }

  private void put(String name, byte[] bytes, StreamTarget... targets) throws Exception {
    for (StreamTarget target : targets) {
      Files.write(directory.resolve(target.name()).resolve(name), bytes);
    }
  }

  private void dunlins() throws Exception {
    try (LoadTrial modern = LoadTrial.modern();
        LoadTrial classic = LoadTrial.classic()) {
      byte[] stream = modern.save(work.resolve("modern"), true);
      put("dunlin", stream, StreamTarget.MODERN, StreamTarget.RELAY, StreamTarget.INSPECT);
      put("device", content(stream, Registers.IDSTR), StreamTarget.DEVICE);
      put("dunlin", stream, StreamTarget.CONVERT);
      put("device", classic.save(work.resolve("classic"), true), StreamTarget.CLASSIC);
      // Nobody else can tell how long a device is in that form.
      byte[] bare = classic.save(work.resolve("bare"), false);
      put("bare", bare, StreamTarget.CLASSIC, StreamTarget.RELAY, StreamTarget.INSPECT);
      put("bare", bare, StreamTarget.CONVERT);
    }
    put(
        "described",
        """
        {"page_size": 4096, "devices": [
        {"name": "timer", "instance_id": 0, "vmsd_name": "timer", "version": 2, "fields": [
        {"name": "ticks", "array_len": 3, "type": "int64", "size": 8}]},
        {"name": "cpu", "instance_id": 0, "size": 60, "fields": [
        {"name": "data", "type": "buffer", "size": 60}]}]}"""
            .getBytes(StandardCharsets.UTF_8),
        StreamTarget.DESCRIPTION);
  }

  /** What the section of this name holds. */
  private static byte[] content(byte[] stream, String idstr) {
    String text = new String(stream, StandardCharsets.ISO_8859_1);
    int start = text.indexOf((char) idstr.length() + idstr);
    String id = text.substring(start - 4, start);
    int from = start + 1 + idstr.length() + 8;
    return java.util.Arrays.copyOfRange(stream, from, text.indexOf("\u007e" + id, from));
  }

  private void qemus() throws Exception {
    Path bios = work.resolve("bios");
    Files.write(bios, new byte[64 << 10]);
    StreamTarget[] all = {StreamTarget.RELAY, StreamTarget.INSPECT};
    byte[] none = saved("none", "-M", "none", "-m", "1M");
    put("qemu-none", none, all);
    byte[] old = saved("old", isapc("isapc,suppress-vmdesc=on", bios));
    put("qemu-undescribed", old, all);
    byte[] isapc = saved("isapc", isapc("isapc", bios));
    put("qemu-isapc", isapc, all);
    put("qemu-none", none, StreamTarget.CONVERT);
    put("qemu-isapc", isapc, StreamTarget.CONVERT);
  }

  private static String[] isapc(String machine, Path bios) {
    return new String[] {"-M", machine, "-m", "1M", "-nodefaults", "-bios", bios.toString()};
  }

  private byte[] saved(String name, String... machine) throws Exception {
    Path file = work.resolve(name);
    List<String> arguments = new ArrayList<>(List.of(machine));
    arguments.add("-S");
    try (RealQemu qemu = RealQemu.start(arguments.toArray(String[]::new))) {
      qemu.qmp().execute("migrate", Map.of("uri", "exec:cat >" + file));
      String end = qemu.awaitMigration();
      if (!end.equals("completed")) {
        throw new AssertionError("QEMU's migration " + end);
      }
    }
    return Files.readAllBytes(file);
  }

  /** Kinds of records that a paused machine doesn't write. */
  private void differences() throws Exception {
    byte[] difference = {5, 3, 1, 2, 3, (byte) 0x80, 1, 2, 9, 9};
    StreamBytes stream =
        StreamBytes.header().configuration("none").ramStart("ram", LoadTrial.PAGES * 4096L);
    stream.ramPart(part -> part.page("ram", 4096, (byte) 1).zero("ram", 0));
    stream.ramPart(
        part ->
            part.be64(4096 | 0x40)
                .counted("ram")
                .byte1(1)
                .byte1(0)
                .byte1(difference.length)
                .bytes(difference));
    byte[] bytes = stream.ramEnd().eof().build();
    put("xbzrle", bytes, StreamTarget.MODERN, StreamTarget.RELAY, StreamTarget.INSPECT);
    put("xbzrle", difference, StreamTarget.XBZRLE);
  }

  private void lanes() throws Exception {
    byte[] content = new byte[16 * 4096];
    new Random(3).nextBytes(content);
    java.util.Arrays.fill(content, 4096, 5 * 4096, (byte) 3);
    RamBlock block = new RamBlock("ram", new HeapRam(content.length), false);
    block.write(0, ByteBuffer.wrap(content));
    put("plain", LaneBytes.of(Compression.NONE, block, 2, 2, 3), StreamTarget.MULTIFD_NONE);
    put("zlib", LaneBytes.of(Compression.ZLIB, block, 3, 4, 3), StreamTarget.MULTIFD_ZLIB);
    put("zstd", LaneBytes.of(Compression.ZSTD, block, 3, 4, 3), StreamTarget.MULTIFD_ZSTD);
  }
}
