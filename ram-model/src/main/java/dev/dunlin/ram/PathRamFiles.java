package dev.dunlin.ram;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Guest RAM in a file that the user named (QEMU's memory-backend-file): created when missing,
 * extended when empty, and left where it is. Shared, the guest's writes go to the file; private,
 * the file only says how memory begins. A directory gets a temporary file, as QEMU gives it.
 */
public final class PathRamFiles implements RamFileProvider {
  private final Path path;
  private final boolean shared;

  public PathRamFiles(Path path, boolean shared) {
    this.path = path;
    this.shared = shared;
  }

  /**
   * Fails with a {@link SizeMismatchException} when the file has content, but less than {@code
   * length}.
   */
  @Override
  public RamFile create(String name, long length) throws IOException {
    if (Files.isDirectory(path)) {
      return new NioRamFiles(path).create(name, length);
    }
    FileChannel channel = FileChannel.open(path, CREATE, READ, WRITE, SPARSE);
    try {
      long size = channel.size();
      if (size > 0 && size < length) {
        throw new SizeMismatchException(size, length);
      }
      if (size == 0 && length > 0) {
        channel.write(ByteBuffer.allocate(1), length - 1);
      }
      return new PathRamFile(channel, length, shared ? MapMode.READ_WRITE : MapMode.PRIVATE);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** The file is shorter than the memory it shall hold. */
  public static final class SizeMismatchException extends IOException {
    private static final long serialVersionUID = 1;

    SizeMismatchException(long size, long wanted) {
      super("backing store size 0x%x does not match 'size' option 0x%x".formatted(size, wanted));
    }
  }

  /** What is in the file is unknown, so all of it counts as data. */
  private static final class PathRamFile implements RamFile {
    private final FileChannel channel;
    private final long length;
    private final MapMode mode;

    PathRamFile(FileChannel channel, long length, MapMode mode) {
      this.channel = channel;
      this.length = length;
      this.mode = mode;
    }

    @Override
    public ByteBuffer map(long offset, int count) throws IOException {
      ensureOpen();
      return channel.map(mode, offset, count);
    }

    @Override
    public long nextData(long from) {
      ensureOpen();
      return Math.min(from, length);
    }

    @Override
    public long nextHole(long from) {
      ensureOpen();
      return length;
    }

    /** The user's file keeps its blocks. */
    @Override
    public boolean punchHole(long offset, long count) {
      ensureOpen();
      return false;
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void ensureOpen() {
      if (!channel.isOpen()) {
        throw new IllegalStateException("guest RAM is closed");
      }
    }
  }
}
