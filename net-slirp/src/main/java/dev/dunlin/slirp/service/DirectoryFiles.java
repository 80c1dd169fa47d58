package dev.dunlin.slirp.service;

import dev.dunlin.slirp.wire.TftpPacket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.logging.log4j.LogManager;

/**
 * The files below one directory of the host ({@code tftp=}). What a name leads to is decided by its
 * real path, symbolic links followed: it must lie under the directory's own real path. The guest
 * can't change the tree, so nothing can be swapped between the check and the opening by it.
 */
public final class DirectoryFiles implements FileSource {
  private final Path root;

  public DirectoryFiles(Path root) {
    this.root = root;
  }

  @Override
  public OpenFile open(String name) throws Denied {
    try {
      Path real = root.resolve(relative(name)).toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw new Denied(TftpPacket.ERROR_ACCESS, "Access violation");
      }
      // A FIFO or a device would block the reader.
      if (!Files.isRegularFile(real)) {
        throw new Denied(TftpPacket.ERROR_NOT_FOUND, "File not found");
      }
      return new ChannelFile(FileChannel.open(real, StandardOpenOption.READ));
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new Denied(TftpPacket.ERROR_NOT_FOUND, "File not found");
    } catch (IOException e) {
      throw new Denied(TftpPacket.ERROR_ACCESS, "Access violation");
    }
  }

  /**
   * Boot loaders ask for "/file", "//file" and (Windows) "\dir\file"; all mean a place below the
   * root. Dots are left to the real path.
   */
  private static String relative(String name) throws Denied {
    String plain = name.replace('\\', '/');
    int start = 0;
    while (start < plain.length() && plain.charAt(start) == '/') {
      start++;
    }
    if (start == plain.length()) {
      throw new Denied(TftpPacket.ERROR_NOT_FOUND, "File not found");
    }
    return plain.substring(start);
  }

  private static final class ChannelFile implements OpenFile {
    private final FileChannel channel;
    private final long size;

    ChannelFile(FileChannel channel) throws IOException {
      this.channel = channel;
      this.size = channel.size();
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void read(long position, ByteBuffer into) throws IOException {
      long at = position;
      while (into.hasRemaining()) {
        int count = channel.read(into, at);
        if (count < 0) {
          return;
        }
        at += count;
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        LogManager.getLogger(DirectoryFiles.class).debug("closing a TFTP file: {}", e.toString());
      }
    }
  }
}
