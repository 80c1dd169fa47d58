package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * The loadable segments of a little-endian ELF file of either class (System V ABI, chapters 4 and
 * 5). A file that isn't one, or contradicts itself, is no ELF file: QEMU then loads it as it is.
 */
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final byte CLASS_32 = 1;
  private static final byte CLASS_64 = 2;
  private static final byte LITTLE_ENDIAN = 1;
  private static final int PT_LOAD = 1;
  private static final int IDENT_AND_HEADER = 64;

  /** One PT_LOAD: {@code fileLength} bytes from {@code offset}, zeroes up to {@code length}. */
  record Segment(long address, long offset, long fileLength, long length) {}

  private ElfFile() {}

  static Optional<ImmutableList<Segment>> segments(FileChannel file) throws IOException {
    ByteBuffer header = read(file, 0, IDENT_AND_HEADER);
    boolean elf =
        header.limit() >= 52 && header.getInt(0) == MAGIC && header.get(5) == LITTLE_ENDIAN;
    if (!elf) {
      return Optional.empty();
    }
    return switch (header.get(4)) {
      case CLASS_32 -> segments(file, Layout.ELF32, header);
      case CLASS_64 ->
          header.limit() < IDENT_AND_HEADER
              ? Optional.empty()
              : segments(file, Layout.ELF64, header);
      default -> Optional.empty();
    };
  }

  private static Optional<ImmutableList<Segment>> segments(
      FileChannel file, Layout layout, ByteBuffer header) throws IOException {
    long table = layout.word(header, layout.tableOffset);
    int entrySize = Short.toUnsignedInt(header.getShort(layout.entrySizeOffset));
    int count = Short.toUnsignedInt(header.getShort(layout.entrySizeOffset + 2));
    int tableLength = entrySize * count;
    if (entrySize < layout.entryLength || table < 0 || table > file.size() - tableLength) {
      return Optional.empty();
    }
    ByteBuffer entries = read(file, table, tableLength);
    ImmutableList.Builder<Segment> segments = ImmutableList.builder();
    for (int i = 0; i < count; i++) {
      ByteBuffer entry =
          entries.slice(i * entrySize, layout.entryLength).order(ByteOrder.LITTLE_ENDIAN);
      if (entry.getInt(0) == PT_LOAD) {
        Segment segment = layout.segment(entry);
        if (!isWithin(segment, file.size())) {
          return Optional.empty();
        }
        if (segment.length > 0) {
          segments.add(segment);
        }
      }
    }
    return Optional.of(segments.build());
  }

  private static boolean isWithin(Segment segment, long fileSize) {
    return segment.fileLength >= 0
        && segment.fileLength <= segment.length
        && segment.offset >= 0
        && segment.offset <= fileSize - segment.fileLength;
  }

  /** Up to {@code length} bytes; fewer when the file ends. */
  private static ByteBuffer read(FileChannel file, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) >= 0) {}
    return buffer.flip();
  }

  /** Where the two classes keep their fields. */
  private enum Layout {
    ELF32(28, 42, 32),
    ELF64(32, 54, 56);

    private final int tableOffset;
    private final int entrySizeOffset;
    private final int entryLength;

    Layout(int tableOffset, int entrySizeOffset, int entryLength) {
      this.tableOffset = tableOffset;
      this.entrySizeOffset = entrySizeOffset;
      this.entryLength = entryLength;
    }

    long word(ByteBuffer from, int offset) {
      return this == ELF32 ? Integer.toUnsignedLong(from.getInt(offset)) : from.getLong(offset);
    }

    /** p_paddr, p_offset, p_filesz, p_memsz. */
    Segment segment(ByteBuffer entry) {
      return this == ELF32
          ? new Segment(word(entry, 12), word(entry, 4), word(entry, 16), word(entry, 20))
          : new Segment(word(entry, 24), word(entry, 8), word(entry, 32), word(entry, 40));
    }
  }
}
