package dev.dunlin.migration.hostile;

import dev.dunlin.migration.LoadTrial;
import dev.dunlin.migration.multifd.Compression;
import dev.dunlin.migration.multifd.LaneBytes;
import dev.dunlin.migration.ram.Xbzrle;
import dev.dunlin.migration.stream.StreamBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/**
 * Everything of migration that reads what strangers wrote. Each takes any bytes and says whether it
 * took them; whatever else it comes to is thrown, and is a defect.
 */
enum StreamTarget {
  /** A machine of QEMU 7.2's time, whose streams are framed and described. */
  MODERN {
    @Override
    Taker open() throws IOException {
      LoadTrial trial = LoadTrial.modern();
      return bytes -> trial.load(bytes).isEmpty();
    }
  },

  /** qemu-kvm 0.12's streams, which have no frames. */
  CLASSIC {
    @Override
    Taker open() throws IOException {
      LoadTrial trial = LoadTrial.classic();
      return bytes -> trial.load(bytes).isEmpty();
    }
  },

  /** A relay, which takes any guest. */
  RELAY {
    @Override
    Taker open() throws IOException {
      LoadTrial trial = LoadTrial.relay();
      return bytes -> trial.load(bytes).isEmpty();
    }
  },

  /** What {@code dunlin-stream} does but for writing: index, fields, comparison. */
  INSPECT {
    @Override
    Taker open() {
      return Inspection::inspect;
    }
  },

  /** {@code dunlin-stream convert}. */
  CONVERT {
    @Override
    Taker open() {
      return Inspection::convert;
    }
  },

  /** The JSON at a stream's end. */
  DESCRIPTION {
    @Override
    Taker open() {
      StreamBytes start = StreamBytes.ofBlock("ram", 4096);
      start.device("timer", new byte[24]).device("cpu", new byte[60]).eof().byte1(6);
      byte[] stream = start.build();
      return json -> {
        byte[] length = ByteBuffer.allocate(4).putInt(json.length).array();
        return Inspection.inspect(join(stream, length, json));
      };
    }
  },

  /** The content of a device's section. */
  DEVICE {
    @Override
    Taker open() throws IOException {
      LoadTrial trial = LoadTrial.modern();
      StreamBytes start = StreamBytes.ofBlock("ram", LoadTrial.PAGES * 4096L);
      byte[] stream =
          start.byte1(4).be32(5).counted(Registers.IDSTR).be32(0).be32(Registers.VERSION).build();
      byte[] end = {0x7e, 0, 0, 0, 5, 0};
      return content -> trial.load(join(stream, content, end)).isEmpty();
    }
  },

  /** A page as a difference. */
  XBZRLE {
    @Override
    Taker open() {
      return StreamTarget::difference;
    }
  },

  MULTIFD_NONE {
    @Override
    Taker open() throws Exception {
      return lane(Compression.NONE);
    }
  },

  MULTIFD_ZLIB {
    @Override
    Taker open() throws Exception {
      return lane(Compression.ZLIB);
    }
  },

  MULTIFD_ZSTD {
    @Override
    Taker open() throws Exception {
      return lane(Compression.ZSTD);
    }
  };

  /** Takes bytes or refuses them. */
  interface Taker {
    /** False: they were refused as they should be. */
    boolean take(byte[] bytes) throws Exception;
  }

  /** One for the whole process. */
  abstract Taker open() throws Exception;

  /** As {@link #open}, for who can't do anything about it. */
  final Taker opened() {
    try {
      return open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Taker lane(Compression compression) throws Exception {
    LoadTrial trial = LoadTrial.multifd(compression);
    byte[] hello = LaneBytes.hello(new UUID(0, 0));
    StreamBytes stream = StreamBytes.header().configuration("none").ramStart("ram", 16 * 4096L);
    byte[] whole = stream.ramPart(part -> part.zero("ram", 0)).ramEnd().eof().build();
    return bytes -> trial.load(whole, join(hello, bytes)).isEmpty();
  }

  /** And back again: a page that differs from another so. */
  private static boolean difference(byte[] bytes) {
    byte[] before = new byte[4096];
    Arrays.fill(before, 1000, 2000, (byte) 7);
    byte[] after = before.clone();
    boolean valid = Xbzrle.decode(ByteBuffer.wrap(bytes), after);
    byte[] encoded = new byte[4096];
    int length = Xbzrle.encode(before, after, encoded);
    if (length >= 0) {
      byte[] again = before.clone();
      if (!Xbzrle.decode(ByteBuffer.wrap(encoded, 0, length), again)
          || !Arrays.equals(after, again)) {
        throw new AssertionError("what was encoded isn't decoded");
      }
    }
    return valid;
  }

  static byte[] join(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
