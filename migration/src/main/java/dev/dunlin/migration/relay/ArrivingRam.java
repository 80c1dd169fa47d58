package dev.dunlin.migration.relay;

import dev.dunlin.migration.ram.RamTarget;
import dev.dunlin.migration.ram.Xbzrle;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.DirtyBitmap;
import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.RamFileProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Memory of a guest that is on its way here: blocks as the stream lists them. They become the
 * machine's when the whole stream was good, or go with {@link #close}. One thread.
 */
final class ArrivingRam implements RamTarget, AutoCloseable {
  /** Each is a file and so a descriptor. A machine has a dozen blocks and one for each DIMM. */
  private static final int MAX_BLOCKS = 320;

  private final RamFileProvider files;
  private final long limit;
  private final Map<String, Arriving> blocks = new LinkedHashMap<>();
  private long total;
  private boolean handedOver;

  /** A block, and which of its pages hold anything but the zeroes of new memory. */
  private record Arriving(RamBlock block, DirtyBitmap written) {}

  /**
   * @param limit the most bytes of all blocks together
   */
  ArrivingRam(RamFileProvider files, long limit) {
    this.files = files;
    this.limit = limit;
  }

  /** The blocks in the stream's order. */
  List<RamBlock> blocks() {
    return blocks.values().stream().map(Arriving::block).toList();
  }

  /** From now on they are the caller's. */
  void handedOver() {
    handedOver = true;
  }

  @Override
  public void declare(String idstr, long length, OptionalLong address) throws LoadException {
    if (!RamTarget.isName(idstr) || length <= 0 || length % RamBlock.PAGE_SIZE != 0) {
      throw LoadException.invalid(
          "No block can be called '%s' with 0x%x bytes".formatted(idstr, length));
    }
    if (blocks.containsKey(idstr)) {
      throw LoadException.invalid("Two blocks are called '" + idstr + "'");
    }
    if (blocks.size() == MAX_BLOCKS) {
      throw LoadException.invalid("More than " + MAX_BLOCKS + " blocks of RAM");
    }
    if (length > limit - total) {
      throw LoadException.invalid(
          "The guest has more than the %d MiB of memory that this relay takes: -m sets that"
              .formatted(limit >> 20));
    }
    total += length;
    blocks.put(
        idstr, new Arriving(allocate(idstr, length), new DirtyBitmap(length, RamBlock.PAGE_SHIFT)));
  }

  private RamBlock allocate(String idstr, long length) throws LoadException {
    try {
      return new RamBlock(idstr, MappedRam.create(files, idstr, length), false);
    } catch (IOException | OutOfMemoryError e) {
      throw LoadException.invalid(
          "cannot set up guest memory '" + idstr + "': Cannot allocate memory");
    }
  }

  @Override
  public OptionalLong length(String idstr) {
    Arriving arriving = blocks.get(idstr);
    return arriving == null ? OptionalLong.empty() : OptionalLong.of(arriving.block.length());
  }

  @Override
  public void page(String idstr, long offset, ByteBuffer page) {
    Arriving arriving = get(idstr);
    arriving.written.mark(offset, page.remaining());
    arriving.block.backing().write(offset, page);
  }

  /** New memory is zero; only what was written has to be zeroed. */
  @Override
  public void fill(String idstr, long offset, byte fill) {
    Arriving arriving = get(idstr);
    if (fill != 0 || arriving.written.isDirty(offset >>> RamBlock.PAGE_SHIFT)) {
      byte[] page = new byte[RamBlock.PAGE_SIZE];
      Arrays.fill(page, fill);
      page(idstr, offset, ByteBuffer.wrap(page));
    }
  }

  @Override
  public void xbzrle(String idstr, long offset, ByteBuffer encoded) throws LoadException {
    byte[] page = new byte[RamBlock.PAGE_SIZE];
    get(idstr).block.read(offset, ByteBuffer.wrap(page));
    if (!Xbzrle.decode(encoded, page)) {
      throw LoadException.invalid("Failed to load XBZRLE page - decode error!");
    }
    page(idstr, offset, ByteBuffer.wrap(page));
  }

  private Arriving get(String idstr) {
    return Objects.requireNonNull(blocks.get(idstr), idstr);
  }

  /** Forgets what was not handed over. */
  @Override
  public void close() {
    if (!handedOver) {
      blocks.values().forEach(arriving -> arriving.block.backing().close());
    }
  }
}
