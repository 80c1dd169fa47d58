package dev.dunlin.migration.ram;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionLoader;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the content of RAM sections and refuses what QEMU's loader refuses, in its words (QEMU
 * migration/ram.c). One thread.
 */
public final class RamLoader implements SectionLoader {
  /** zlib's compressBound of a page (zlib's compress.c). */
  private static final int MAX_COMPRESSED =
      RamBlock.PAGE_SIZE
          + (RamBlock.PAGE_SIZE >> 12)
          + (RamBlock.PAGE_SIZE >> 14)
          + (RamBlock.PAGE_SIZE >> 25)
          + 13;

  private final RamTarget target;
  private boolean addressesFollow;
  private SectionEnd sectionEnd = PageChannels.NONE;
  private @Nullable String lastBlock;

  public RamLoader(RamTarget target) {
    this.target = target;
  }

  /**
   * The stream leaves shared blocks out ({@code x-ignore-shared}): each listed block has its
   * guest-physical address beside it.
   */
  public void expectAddresses() {
    addressesFollow = true;
  }

  /** What has to have happened, at each end of a section, before the next one is read. */
  public void atSectionEnd(SectionEnd end) {
    sectionEnd = end;
  }

  @Override
  public String idstr() {
    return RamSaver.IDSTR;
  }

  @Override
  public int instance() {
    return 0;
  }

  @Override
  public int version() {
    return RamSaver.VERSION;
  }

  /** Everything up to and including EOS. */
  @Override
  public void load(StreamInput in, int version) throws LoadException {
    if (version != RamSaver.VERSION) {
      throw LoadException.of(LoadException.Kind.INVALID);
    }
    for (int flags = 0; (flags & RamFlags.EOS) == 0; ) {
      long word = in.getLong();
      flags = (int) (word & RamFlags.MASK);
      record(in, word & ~(long) RamFlags.MASK, flags);
      in.check();
    }
  }

  private void record(StreamInput in, long offset, int flags) throws LoadException {
    if ((flags & RamFlags.PAGES) != 0) {
      page(in, offset, flags);
      return;
    }
    switch (flags & ~RamFlags.CONTINUE) {
      case RamFlags.MEM_SIZE -> blockList(in, offset);
      case RamFlags.EOS -> sectionEnd.reached();
      default -> {
        if ((flags & RamFlags.HOOK) != 0) {
          throw LoadException.of(LoadException.Kind.INVALID);
        }
        throw unknown(flags);
      }
    }
  }

  /**
   * Names and lengths until they add up to the declared total. Each turn either takes a block's
   * length off the total or ends the load, and reads ten bytes at least.
   */
  private void blockList(StreamInput in, long total) throws LoadException {
    for (long left = total; left != 0; ) {
      String idstr = in.getCounted().text();
      long length = in.getLong();
      OptionalLong address = addressesFollow ? OptionalLong.of(in.getLong()) : OptionalLong.empty();
      target.declare(idstr, length, address);
      left -= length;
      in.check();
    }
  }

  private void page(StreamInput in, long offset, int flags) throws LoadException {
    if ((flags & RamFlags.COMPRESS_PAGE) != 0) {
      target.expectCompressed();
    }
    String block = blockOf(in, offset, flags);
    OptionalLong length = target.length(block);
    if (length.isEmpty() || offset < 0 || offset >= length.getAsLong()) {
      throw illegal(offset);
    }
    switch (flags & ~RamFlags.CONTINUE) {
      case RamFlags.ZERO -> {
        int fill = in.getByte();
        if (in.failure().isEmpty()) {
          target.fill(block, offset, (byte) fill);
        }
      }
      case RamFlags.PAGE -> {
        Optional<ByteBuffer> bytes = in.view(RamBlock.PAGE_SIZE);
        if (bytes.isPresent()) {
          target.page(block, offset, bytes.get());
        }
      }
      case RamFlags.COMPRESS_PAGE -> compressed(in, block, offset);
      case RamFlags.XBZRLE -> xbzrle(in, block, offset);
      default -> throw unknown(flags);
    }
  }

  private void xbzrle(StreamInput in, String block, long offset) throws LoadException {
    try {
      int encoding = in.getByte();
      int length = in.getByte() << 8 | in.getByte();
      if (encoding != RamFlags.ENCODING_XBZRLE) {
        throw LoadException.invalid("Failed to load XBZRLE page - wrong compression!");
      }
      if (length > RamBlock.PAGE_SIZE) {
        throw LoadException.invalid("Failed to load XBZRLE page - len overflow!");
      }
      Optional<ByteBuffer> encoded = in.view(length);
      if (encoded.isPresent()) {
        target.xbzrle(block, offset, encoded.get());
      }
    } catch (LoadException e) {
      throw e.within("Failed to decompress XBZRLE page at %x".formatted(offset));
    }
  }

  private void compressed(StreamInput in, String block, long offset) throws LoadException {
    int length = in.getInt();
    if (length < 0 || length > MAX_COMPRESSED) {
      throw LoadException.invalid("Invalid compressed data length: " + length);
    }
    Optional<ByteBuffer> deflated = in.view(length);
    if (deflated.isPresent()) {
      target.compressed(block, offset, deflated.get());
    }
  }

  private String blockOf(StreamInput in, long offset, int flags) throws LoadException {
    if ((flags & RamFlags.CONTINUE) != 0) {
      if (lastBlock == null) {
        throw LoadException.invalid("Ack, bad migration stream!")
            .within("Illegal RAM offset %x".formatted(offset));
      }
      return lastBlock;
    }
    String name = in.getCounted().text();
    if (target.length(name).isEmpty()) {
      throw LoadException.invalid("Can't find block " + name)
          .within("Illegal RAM offset %x".formatted(offset));
    }
    lastBlock = name;
    return name;
  }

  private static LoadException illegal(long offset) {
    return LoadException.invalid("Illegal RAM offset %x".formatted(offset));
  }

  private static LoadException unknown(int flags) {
    return LoadException.invalid("Unknown combination of migration flags: 0x%x".formatted(flags));
  }
}
