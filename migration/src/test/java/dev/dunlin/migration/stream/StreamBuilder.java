package dev.dunlin.migration.stream;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;

/**
 * Builds streams byte by byte, right ones and wrong ones, without any of the code under test.
 * Blocks are half random pages, half zero.
 */
public final class StreamBuilder {
  private static final int PAGE = 4096;

  private final Map<String, Long> blocks = new LinkedHashMap<>();
  private int magic = 0x5145564d;
  private int version = 3;
  private String machine = "";
  private int ramVersion = 4;
  private int ramSection = 2;
  private int passes = 1;
  private boolean footers = true;
  private boolean continues = true;
  private boolean blockSection;
  private boolean eof = true;
  private boolean badFooter;
  private boolean pageOutside;
  private String pageBlock = "";
  private String extraSection = "";
  private OptionalInt badFlags = OptionalInt.empty();
  private OptionalInt badType = OptionalInt.empty();
  private OptionalInt fill = OptionalInt.empty();
  private int garbage;
  private byte[] tail = {};
  private int truncate = -1;

  public static StreamBuilder oneMegabyte() {
    return new StreamBuilder().block("pc.ram", 1 << 20);
  }

  public StreamBuilder block(String name, long length) {
    blocks.put(name, length);
    return this;
  }

  public StreamBuilder magic(int value) {
    magic = value;
    return this;
  }

  public StreamBuilder version(int value) {
    version = value;
    return this;
  }

  public StreamBuilder machine(String name) {
    machine = name;
    return this;
  }

  public StreamBuilder ramVersion(int value) {
    ramVersion = value;
    return this;
  }

  public StreamBuilder passes(int value) {
    passes = value;
    return this;
  }

  public StreamBuilder withoutFooters() {
    footers = false;
    return this;
  }

  public StreamBuilder withoutContinue() {
    continues = false;
    return this;
  }

  public StreamBuilder withBlockSection() {
    blockSection = true;
    return this;
  }

  public StreamBuilder withoutEof() {
    eof = false;
    return this;
  }

  public StreamBuilder badFooter() {
    badFooter = true;
    return this;
  }

  public StreamBuilder pageOutside() {
    pageOutside = true;
    return this;
  }

  public StreamBuilder pageBlock(String name) {
    pageBlock = name;
    return this;
  }

  public StreamBuilder extraSection(String idstr) {
    extraSection = idstr;
    return this;
  }

  public StreamBuilder badFlags(int flags) {
    badFlags = OptionalInt.of(flags);
    return this;
  }

  public StreamBuilder badType(int type) {
    badType = OptionalInt.of(type);
    return this;
  }

  /** Every page is a zero record with this byte. */
  public StreamBuilder fill(int value) {
    fill = OptionalInt.of(value);
    return this;
  }

  public StreamBuilder garbage(int bytes) {
    garbage = bytes;
    return this;
  }

  public StreamBuilder tail(byte... bytes) {
    tail = bytes;
    return this;
  }

  public StreamBuilder truncate(int length) {
    truncate = length;
    return this;
  }

  /** What a block holds after the stream was loaded. */
  public byte[] expected(String name) {
    byte[] bytes = new byte[Math.toIntExact(blocks.getOrDefault(name, 0L))];
    if (fill.isPresent()) {
      Arrays.fill(bytes, (byte) fill.getAsInt());
      return bytes;
    }
    Random random = new Random(name.hashCode());
    byte[] half = new byte[bytes.length / 2];
    random.nextBytes(half);
    System.arraycopy(half, 0, bytes, 0, half.length);
    return bytes;
  }

  public byte[] build() {
    Out out = new Out();
    out.be32(magic).be32(version);
    if (!machine.isEmpty()) {
      out.byte1(7).be32(machine.length()).text(machine);
    }
    if (blockSection) {
      out.byte1(1).be32(1).counted("block").be32(0).be32(1).be64(2);
      footer(out, 1);
    }
    setup(out);
    for (int pass = 1; pass <= passes; pass++) {
      out.byte1(2).be32(ramSection);
      pages(out);
      badRecord(out);
      out.be64(0x10);
      footer(out, badFooter ? 0x57 : ramSection);
    }
    out.byte1(3).be32(ramSection).be64(0x10);
    footer(out, ramSection);
    badType.ifPresent(type -> out.byte1(type));
    if (!extraSection.isEmpty()) {
      out.byte1(4).be32(9).counted(extraSection).be32(0).be32(1);
      footer(out, 9);
    }
    if (eof) {
      out.byte1(0);
    }
    out.bytes(tail);
    // 71 is what the first byte of garbage was when QEMU's words for it were noted.
    byte[] rubbish = new byte[garbage];
    Arrays.fill(rubbish, (byte) 71);
    out.bytes(rubbish);
    byte[] stream = out.toByteArray();
    return truncate < 0 ? stream : Arrays.copyOf(stream, Math.min(truncate, stream.length));
  }

  private void setup(Out out) {
    long total = blocks.values().stream().mapToLong(Long::longValue).sum();
    out.byte1(1).be32(ramSection).counted("ram").be32(0).be32(ramVersion).be64(total | 4);
    blocks.forEach((name, length) -> out.counted(name).be64(length));
    out.be64(0x10);
    footer(out, ramSection);
  }

  private void pages(Out out) {
    for (String name : blocks.keySet()) {
      byte[] bytes = expected(name);
      boolean first = true;
      for (int at = 0; at < bytes.length; at += PAGE) {
        byte[] page = Arrays.copyOfRange(bytes, at, at + PAGE);
        boolean uniform = uniform(page);
        int flags = (uniform ? 2 : 8) | (first || !continues ? 0 : 0x20);
        out.be64(at | flags);
        if ((flags & 0x20) == 0) {
          out.counted(name);
        }
        if (uniform) {
          out.byte1(page[0]);
        } else {
          out.bytes(page);
        }
        first = false;
      }
    }
  }

  private void badRecord(Out out) {
    if (!pageBlock.isEmpty()) {
      out.be64(2).counted(pageBlock).byte1(0);
    }
    if (pageOutside) {
      out.be64(blocks.values().iterator().next() | 0x22).byte1(0);
    }
    if (badFlags.isPresent()) {
      out.be64(badFlags.getAsInt());
    }
  }

  private void footer(Out out, int section) {
    if (footers) {
      out.byte1(0x7e).be32(section);
    }
  }

  private static boolean uniform(byte[] page) {
    for (byte b : page) {
      if (b != page[0]) {
        return false;
      }
    }
    return true;
  }

  /** Bytes given in hex, blanks ignored. */
  public static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  private static final class Out extends ByteArrayOutputStream {
    Out byte1(int value) {
      write(value);
      return this;
    }

    Out be32(int value) {
      return byte1(value >>> 24).byte1(value >>> 16).byte1(value >>> 8).byte1(value);
    }

    Out be64(long value) {
      return be32((int) (value >>> 32)).be32((int) value);
    }

    Out text(String text) {
      return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    Out counted(String text) {
      return byte1(text.length()).text(text);
    }

    Out bytes(byte[] bytes) {
      writeBytes(bytes);
      return this;
    }
  }
}
