package dev.dunlin.migration.walk;

import dev.dunlin.migration.ram.RamTarget;
import dev.dunlin.migration.stream.LoadException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Remembers the blocks that a stream lists and hands on their pages. */
final class VisitedRam implements RamTarget {
  /** QEMU's machines have a dozen, with every slot for memory full 256 more. */
  private static final int MAX_BLOCKS = 4096;

  private final StreamVisitor visitor;
  private final Map<String, OptionalLong> blocks = new HashMap<>();

  VisitedRam(StreamVisitor visitor) {
    this.visitor = visitor;
  }

  @Override
  public void declare(String idstr, long length, OptionalLong address) throws LoadException {
    if (length < 0 || !RamTarget.isName(idstr)) {
      throw LoadException.invalid(
          "No block can be called '%s' with 0x%x bytes".formatted(idstr, length));
    }
    if (blocks.containsKey(idstr)) {
      throw LoadException.invalid("Two blocks are called '" + idstr + "'");
    }
    if (blocks.size() == MAX_BLOCKS) {
      throw LoadException.invalid("More than " + MAX_BLOCKS + " blocks of RAM");
    }
    blocks.put(idstr, OptionalLong.of(length));
    visitor.block(idstr, length, address);
  }

  @Override
  public OptionalLong length(String idstr) {
    return blocks.getOrDefault(idstr, OptionalLong.empty());
  }

  @Override
  public void page(String idstr, long offset, ByteBuffer page) throws LoadException {
    visitor.page(idstr, offset, page);
  }

  @Override
  public void fill(String idstr, long offset, byte fill) throws LoadException {
    visitor.fill(idstr, offset, fill);
  }

  @Override
  public void xbzrle(String idstr, long offset, ByteBuffer encoded) throws LoadException {
    visitor.xbzrle(idstr, offset, encoded);
  }

  @Override
  public void expectCompressed() {}

  @Override
  public void compressed(String idstr, long offset, ByteBuffer deflated) throws LoadException {
    visitor.compressed(idstr, offset, deflated);
  }
}
