package dev.dunlin.ram;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sparse temporary files without any native call, for platforms where core has no binding. Slower
 * to give memory back than a memfd: a mapping can't be undone from Java, so the space is free when
 * the last buffer over it is collected (truncating instead would turn a late reader's access into
 * SIGBUS).
 */
public final class NioRamFiles implements RamFileProvider {
  private final Path directory;

  /** Files are made in {@code directory}, which should be on a file system in memory. */
  public NioRamFiles(Path directory) {
    this.directory = directory;
  }

  /** Over the system's directory for temporary files. */
  public NioRamFiles() {
    this(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @Override
  public RamFile create(String name, long length) throws IOException {
    Path directoryOfOne = Files.createTempDirectory(directory, "dunlin-ram");
    Path path = directoryOfOne.resolve("ram");
    FileChannel channel = FileChannel.open(path, CREATE_NEW, READ, WRITE, SPARSE);
    NioRamFile file = new NioRamFile(path, channel, length);
    file.deleteIfPossible();
    return file;
  }

  /** The system isn't asked what is allocated; instead every write is remembered, coarsely. */
  private static final class NioRamFile implements RamFile {
    private static final int GRANULE_SHIFT = 16;

    private final Path path;
    private final FileChannel channel;
    private final long length;
    private final DirtyBitmap touched;

    NioRamFile(Path path, FileChannel channel, long length) {
      this.path = path;
      this.channel = channel;
      this.length = length;
      this.touched = new DirtyBitmap(length, GRANULE_SHIFT);
    }

    /** POSIX keeps an unlinked file alive; elsewhere the deletion is repeated at close. */
    void deleteIfPossible() {
      try {
        Files.deleteIfExists(path);
        Files.deleteIfExists(path.getParent());
      } catch (IOException e) {
        path.toFile().deleteOnExit();
      }
    }

    @Override
    public boolean isAnonymous() {
      return true;
    }

    @Override
    public ByteBuffer map(long offset, int length) throws IOException {
      ensureOpen();
      return channel.map(MapMode.READ_WRITE, offset, length);
    }

    @Override
    public void touching(long offset, long length) {
      touched.mark(offset, length);
    }

    @Override
    public long nextData(long from) {
      ensureOpen();
      return Math.min(
          length, Math.max(from, touched.nextDirty(from >>> GRANULE_SHIFT) << GRANULE_SHIFT));
    }

    @Override
    public long nextHole(long from) {
      ensureOpen();
      return Math.min(
          length, Math.max(from, touched.nextClean(from >>> GRANULE_SHIFT) << GRANULE_SHIFT));
    }

    /** Java has no call for it. */
    @Override
    public boolean punchHole(long offset, long length) {
      ensureOpen();
      return false;
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      deleteIfPossible();
    }

    private void ensureOpen() {
      if (!channel.isOpen()) {
        throw new IllegalStateException("RAM file is closed");
      }
    }
  }
}
