package dev.dunlin.migration.ram;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.StagedRam;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/** Loads into a {@link StagedRam}. */
public final class StagedTarget implements RamTarget {
  private final GuestRam ram;

  public StagedTarget(StagedRam staged) {
    this.ram = staged.ram();
  }

  @Override
  public void declare(String idstr, long length, OptionalLong address) throws LoadException {
    OptionalLong expected = length(idstr);
    if (expected.isEmpty()) {
      throw LoadException.invalid("Unknown ramblock \"" + idstr + "\", cannot accept migration");
    }
    if (length != expected.getAsLong()) {
      throw LoadException.invalid(
          "Size mismatch: %s: 0x%x != 0x%x: Invalid argument"
              .formatted(idstr, length, expected.getAsLong()));
    }
  }

  @Override
  public OptionalLong length(String idstr) {
    Optional<RamBlock> block = ram.block(idstr);
    return block.isPresent() ? OptionalLong.of(block.get().length()) : OptionalLong.empty();
  }

  @Override
  public void page(String idstr, long offset, ByteBuffer page) {
    block(idstr).write(offset, page);
  }

  @Override
  public void fill(String idstr, long offset, byte fill) {
    if (fill == 0) {
      block(idstr).discard(offset, RamBlock.PAGE_SIZE);
      return;
    }
    byte[] page = new byte[RamBlock.PAGE_SIZE];
    java.util.Arrays.fill(page, fill);
    block(idstr).write(offset, ByteBuffer.wrap(page));
  }

  @Override
  public void xbzrle(String idstr, long offset, ByteBuffer encoded) throws LoadException {
    byte[] page = new byte[RamBlock.PAGE_SIZE];
    RamBlock block = block(idstr);
    block.read(offset, ByteBuffer.wrap(page));
    if (!Xbzrle.decode(encoded, page)) {
      throw LoadException.invalid("Failed to load XBZRLE page - decode error!");
    }
    block.write(offset, ByteBuffer.wrap(page));
  }

  private RamBlock block(String idstr) {
    return ram.block(idstr).orElseThrow();
  }
}
