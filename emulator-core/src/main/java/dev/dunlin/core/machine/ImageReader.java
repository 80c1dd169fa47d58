package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.ram.RamFileProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Opens the files that a machine starts with. The order in which a loader's file is tried as ELF,
 * Intel HEX and raw is hw/core/generic-loader.c's.
 */
final class ImageReader {
  /** A HEX file holds less than half its size; larger ones are taken as raw. */
  private static final long MAX_HEX = 16 << 20;

  /** A U-Boot image begins with this (include/image.h there). */
  private static final int UIMAGE_MAGIC = 0x27051956;

  private final RamFileProvider files;
  private final long ramSize;

  /** {@code ramSize} is the most that a raw file may have. */
  ImageReader(RamFileProvider files, long ramSize) {
    this.files = files;
    this.ramSize = ramSize;
  }

  /** A whole file at an address; for firmware and option ROMs. */
  RomImage whole(Path path, String name, long address) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      return RomImage.copyOf(name, address, file, 0, file.size(), files);
    }
  }

  ImmutableList<RomImage> read(LoaderDevice device) throws OptionException {
    LoaderDevice.Source source = device.source().orElse(null);
    if (source instanceof LoaderDevice.Data data) {
      return ImmutableList.of(RomImage.of("data", data.address(), bytesOf(data)));
    }
    if (source instanceof LoaderDevice.File file) {
      return read(file, device.option());
    }
    return ImmutableList.of();
  }

  /**
   * The value as it lies in memory: its first bytes, so a short big-endian one is the high part.
   */
  private static ByteBuffer bytesOf(LoaderDevice.Data data) {
    ByteBuffer value =
        ByteBuffer.allocate(8)
            .order(data.bigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    return value.putLong(0, data.data()).limit(data.length());
  }

  private ImmutableList<RomImage> read(LoaderDevice.File source, String option)
      throws OptionException {
    String refusal = option + ": Cannot load specified image " + source.path();
    List<RomImage> images = new ArrayList<>();
    try (FileChannel file = open(source.path())) {
      collect(source, file, images);
      return ImmutableList.copyOf(images);
    } catch (IOException e) {
      images.forEach(RomImage::close);
      throw new OptionException(refusal + ": " + reason(e));
    }
  }

  private static FileChannel open(String path) throws IOException {
    try {
      Path file = Path.of(path);
      if (path.isEmpty() || !Files.exists(file)) {
        throw new NoSuchFileException(path);
      }
      if (!Files.isRegularFile(file)) {
        throw new IOException("not a regular file");
      }
      return FileChannel.open(file);
    } catch (InvalidPathException e) {
      throw new NoSuchFileException(path);
    }
  }

  private void collect(LoaderDevice.File source, FileChannel file, List<RomImage> images)
      throws IOException {
    if (!source.forceRaw()) {
      Optional<ImmutableList<ElfFile.Segment>> segments = ElfFile.segments(file);
      if (segments.isPresent()) {
        addSegments(source.path(), file, segments.get(), images);
        return;
      }
      refuseUimage(file);
      Optional<ImmutableList<IntelHex.Chunk>> chunks = hex(file);
      if (chunks.isPresent()) {
        chunks.get().forEach(c -> images.add(RomImage.of(source.path(), c.address(), c.bytes())));
        return;
      }
    }
    if (file.size() > ramSize) {
      throw new IOException("its " + file.size() + " bytes are more than the machine has RAM");
    }
    images.add(RomImage.copyOf(source.path(), source.address(), file, 0, file.size(), files));
  }

  private void addSegments(
      String path, FileChannel file, List<ElfFile.Segment> segments, List<RomImage> images)
      throws IOException {
    for (ElfFile.Segment part : segments) {
      if (part.length() > ramSize) {
        throw new IOException("a segment is larger than the machine's RAM");
      }
      images.add(
          RomImage.copyOf(
              path, part.address(), file, part.offset(), part.fileLength(), part.length(), files));
    }
  }

  private static void refuseUimage(FileChannel file) throws IOException {
    ByteBuffer magic = ByteBuffer.allocate(4);
    if (file.read(magic, 0) == 4 && magic.getInt(0) == UIMAGE_MAGIC) {
      throw new IOException("U-Boot images are not supported; force-raw=on loads it as it is");
    }
  }

  private static Optional<ImmutableList<IntelHex.Chunk>> hex(FileChannel file) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(1);
    if (file.size() > MAX_HEX || file.read(first, 0) != 1 || first.get(0) != ':') {
      return Optional.empty();
    }
    ByteBuffer all = ByteBuffer.allocate((int) file.size());
    while (all.hasRemaining() && file.read(all, all.position()) >= 0) {}
    return IntelHex.parse(StandardCharsets.ISO_8859_1.decode(all.flip()).toString());
  }

  /** strerror(3)'s words where Java has its own. */
  static String reason(Exception e) {
    if (e instanceof NoSuchFileException || e instanceof InvalidPathException) {
      return "No such file or directory";
    }
    return e instanceof AccessDeniedException
        ? "Permission denied"
        : String.valueOf(e.getMessage());
  }
}
