package dev.dunlin.launcher.stream;

import dev.dunlin.migration.inspect.BlockIndex;
import dev.dunlin.migration.inspect.DeviceContent;
import dev.dunlin.migration.inspect.FieldValue;
import dev.dunlin.migration.inspect.StreamIndex;
import dev.dunlin.migration.inspect.StreamIndex.LiveSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.SectionHeader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A stream's content for people: {@code dunlin-stream print}. */
final class PrintedText {
  private static final int NAME_WIDTH = 28;

  private final PrintStream out;
  private final boolean fields;
  private final boolean full;

  /**
   * @param fields whether devices are shown field by field
   * @param full whether long arrays are written out
   */
  PrintedText(PrintStream out, boolean fields, boolean full) {
    this.out = out;
    this.fields = fields;
    this.full = full;
  }

  void print(StreamIndex index) {
    form(index);
    liveSections(index);
    blocks(index);
    devices(index);
  }

  private void form(StreamIndex index) {
    List<String> parts = new ArrayList<>();
    index.configuration().ifPresent(found -> parts.add("configuration"));
    if (index.hasFooters()) {
      parts.add("footers");
    }
    index.devices().description().ifPresent(found -> parts.add("description"));
    out.printf(
        "Stream of %d bytes, %s%n",
        index.length(), parts.isEmpty() ? "bare sections" : "with " + String.join(", ", parts));
    index.configuration().ifPresent(this::configuration);
  }

  private void configuration(Configuration configuration) {
    out.println("Machine " + configuration.machineType());
    configuration.uuid().ifPresent(uuid -> out.println("UUID " + uuid));
    if (!configuration.capabilities().isEmpty()) {
      out.println("Capabilities " + String.join(", ", configuration.capabilities()));
    }
  }

  private void liveSections(StreamIndex index) {
    out.println();
    out.println("Live sections");
    for (LiveSection section : index.liveSections()) {
      out.printf(
          "  %-" + NAME_WIDTH + "s id %d, version %d, %s, %d bytes%n",
          section.header().idstr(),
          section.header().section(),
          section.header().version(),
          Quantity.count(section.parts(), "part"),
          section.bytes());
    }
    index.disks().forEach(disk -> out.println("  disk " + disk));
    index.dirtyBitmaps().forEach(bitmap -> out.println("  dirty bitmap " + bitmap));
    index
        .commands()
        .forEach((command, times) -> out.printf("  command 0x%x, %d times%n", command, times));
  }

  private void blocks(StreamIndex index) {
    long total = index.blocks().stream().mapToLong(BlockIndex::length).sum();
    out.printf("%nBlocks (%d, %s)%n", index.blocks().size(), Quantity.bytes(total));
    for (BlockIndex block : index.blocks()) {
      out.printf(
          "  %-" + NAME_WIDTH + "s %10s  %s%n",
          block.idstr(),
          Quantity.hex(block.length()),
          pages(block));
      block
          .address()
          .ifPresent(at -> out.printf("  %-" + NAME_WIDTH + "s at %s%n", "", Quantity.hex(at)));
      out.printf(
          "  %-" + NAME_WIDTH + "s tree-sha256 %s%n",
          "",
          block.isContentKnown() ? block.digest() : "unknown");
    }
  }

  private static String pages(BlockIndex block) {
    List<String> parts = new ArrayList<>();
    parts.add(Quantity.count(block.totalPages(), "page"));
    parts.add(block.nonzeroPages() + " not zero");
    long missing = block.totalPages() - block.sentPages();
    if (missing > 0 && block.isContentKnown()) {
      parts.add(missing + " never sent");
    }
    parts.add("%d + %d zero records".formatted(block.normalRecords(), block.zeroRecords()));
    if (block.differenceRecords() > 0) {
      parts.add(block.differenceRecords() + " XBZRLE");
    }
    if (block.compressedRecords() > 0) {
      parts.add(block.compressedRecords() + " compressed");
    }
    return String.join(", ", parts);
  }

  private void devices(StreamIndex index) {
    out.printf(
        "%nDevices (%d, %s)%n",
        index.devices().sections().size(), Quantity.bytes(index.devices().length()));
    DeviceContent.of(index).forEach(this::device);
  }

  private void device(DeviceContent device) {
    SectionHeader header = device.section().header();
    out.printf(
        "  %-" + NAME_WIDTH + "s id %d, version %d, %d bytes, sha256 %s%n",
        header.idstr() + " " + Integer.toUnsignedString(header.instance()),
        header.section(),
        header.version(),
        device.section().length(),
        sha256(device.section().content()));
    if (!fields) {
      return;
    }
    if (device.fields().isPresent()) {
      device.fields().get().forEach(this::field);
    } else {
      out.println("      " + FieldText.bytes(device.section().content(), full));
    }
  }

  private void field(FieldValue field) {
    String type = field.elements() > 1 ? field.type() + "[" + field.elements() + "]" : field.type();
    out.printf("      %-36s %-14s %s%n", field.path(), type, FieldText.of(field, full));
  }

  static String sha256(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
