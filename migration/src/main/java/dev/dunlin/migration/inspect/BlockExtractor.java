package dev.dunlin.migration.inspect;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.walk.StreamVisitor;
import dev.dunlin.migration.walk.StreamWalker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.OptionalLong;

/** Writes one block's content into a file, sparse where it is zero. One thread. */
public final class BlockExtractor {
  private final String wanted;
  private final FileChannel channel;
  private final BlockFile file;
  private OptionalLong length = OptionalLong.empty();

  private BlockExtractor(String wanted, FileChannel channel) {
    this.wanted = wanted;
    this.channel = channel;
    this.file = new BlockFile(channel);
  }

  /**
   * Reads a stream to its end; {@code file} is empty, can be read and written, and is the block's
   * length afterwards.
   *
   * @return the block's length, or empty when the stream has no such block
   */
  public static OptionalLong extract(StreamInput in, String block, FileChannel file)
      throws LoadException, IOException {
    BlockExtractor extractor = new BlockExtractor(block, file);
    try {
      new StreamWalker(in, extractor.new Visitor()).walk();
      extractor.stretch();
    } catch (UncheckedIOException e) {
      throw new IOException(String.valueOf(e.getMessage()), e.getCause());
    }
    return extractor.length;
  }

  /** A block that ends with zeroes has nothing there yet; its last page may be cut short. */
  private void stretch() throws IOException {
    if (length.isEmpty()) {
      return;
    }
    long end = length.getAsLong();
    if (channel.size() > end) {
      channel.truncate(end);
    } else if (channel.size() < end) {
      channel.write(ByteBuffer.allocate(1), end - 1);
    }
  }

  private final class Visitor implements StreamVisitor {
    @Override
    public void block(String idstr, long size, OptionalLong address) {
      if (idstr.equals(wanted)) {
        length = OptionalLong.of(size);
      }
    }

    @Override
    public void page(String block, long offset, ByteBuffer page) throws LoadException {
      keep(block, () -> file.write(offset, page.duplicate()));
    }

    @Override
    public void fill(String block, long offset, byte fill) throws LoadException {
      keep(block, () -> file.fill(offset, fill));
    }

    @Override
    public void xbzrle(String block, long offset, ByteBuffer encoded) throws LoadException {
      keep(block, () -> file.change(offset, encoded));
    }

    @Override
    public void compressed(String block, long offset, ByteBuffer deflated) throws LoadException {
      keep(block, () -> file.write(offset, CompressedPage.inflate(deflated)));
    }

    private void keep(String block, FileAction action) throws LoadException {
      if (block.equals(wanted)) {
        try {
          action.run();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private interface FileAction {
    void run() throws IOException, LoadException;
  }
}
