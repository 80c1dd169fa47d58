package dev.dunlin.migration.multifd;

import java.util.Optional;

/** What {@code multifd-compression} can be. */
public enum Compression {
  NONE(0) {
    @Override
    BatchEncoder encoder(int level) {
      return new PlainEncoder();
    }

    @Override
    BatchDecoder decoder(int channel) {
      return new PlainDecoder();
    }
  },
  ZLIB(1) {
    @Override
    BatchEncoder encoder(int level) {
      return new ZlibEncoder(level);
    }

    @Override
    BatchDecoder decoder(int channel) {
      return new ZlibDecoder(channel);
    }
  },
  ZSTD(2) {
    @Override
    BatchEncoder encoder(int level) {
      return new ZstdEncoder(level);
    }

    @Override
    BatchDecoder decoder(int channel) {
      return new ZstdDecoder(channel);
    }

    @Override
    public Optional<String> whyNot() {
      return ZstdLibrary.whyNot();
    }
  };

  /** Three bits of a packet's flags. */
  static final int MASK = 7 << 1;

  private final int flags;

  Compression(int code) {
    this.flags = code << 1;
  }

  /** By QEMU's name. */
  public static Compression named(String name) {
    return switch (name) {
      case "zlib" -> ZLIB;
      case "zstd" -> ZSTD;
      default -> NONE;
    };
  }

  /** Why this host can't do it; empty when it can. */
  public Optional<String> whyNot() {
    return Optional.empty();
  }

  int flags() {
    return flags;
  }

  abstract BatchEncoder encoder(int level);

  abstract BatchDecoder decoder(int channel);
}
