package dev.dunlin.migration.inspect;

import dev.dunlin.migration.ram.Xbzrle;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A block's content in a file, sparse where it was never anything but zero. One thread. */
final class BlockFile implements Closeable {
  private final FileChannel channel;
  private final ByteBuffer page = ByteBuffer.allocateDirect(RamBlock.PAGE_SIZE);

  BlockFile(FileChannel channel) {
    this.channel = channel;
  }

  /** A file that nobody else sees and that is gone when it is closed. */
  static BlockFile temporary() throws IOException {
    Path path = Files.createTempFile("dunlin-stream", ".ram");
    FileChannel opened = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(path);
    return new BlockFile(opened);
  }

  FileChannel channel() {
    return channel;
  }

  void write(long offset, ByteBuffer bytes) throws IOException {
    for (long at = offset; bytes.hasRemaining(); ) {
      at += channel.write(bytes, at);
    }
  }

  /** Nothing is written where the file has nothing, and so a hole stays one. */
  void fill(long offset, byte fill) throws IOException {
    if (fill == 0 && offset >= channel.size()) {
      return;
    }
    if (fill == 0 && isZero(read(offset))) {
      return;
    }
    page.clear();
    while (page.hasRemaining()) {
      page.put(fill);
    }
    write(offset, page.flip());
  }

  /** The content that the difference makes of what is there; written, and returned. */
  ByteBuffer change(long offset, ByteBuffer encoded) throws IOException, LoadException {
    byte[] content = new byte[RamBlock.PAGE_SIZE];
    read(offset).get(content);
    if (!Xbzrle.decode(encoded, content)) {
      throw LoadException.invalid("Failed to load XBZRLE page - decode error!");
    }
    write(offset, ByteBuffer.wrap(content));
    return ByteBuffer.wrap(content);
  }

  /** A page; zero where the file has nothing. Valid until the next call. */
  private ByteBuffer read(long offset) throws IOException {
    page.clear();
    while (page.hasRemaining()) {
      if (channel.read(page, offset + page.position()) < 0) {
        while (page.hasRemaining()) {
          page.put((byte) 0);
        }
      }
    }
    return page.flip();
  }

  private static boolean isZero(ByteBuffer bytes) {
    return dev.dunlin.ram.ZeroPages.isZeroPage(bytes, 0);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
