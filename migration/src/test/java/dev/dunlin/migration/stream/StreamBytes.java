package dev.dunlin.migration.stream;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A stream put together piece by piece, without any of the code under test, whatever it comes to.
 * Sections have footers; RAM has the id 2, devices count from 4.
 */
public final class StreamBytes {
  private static final int RAM = 2;
  private static final int EOS = 0x10;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int device = 4;

  /** Magic and version, and nothing else yet. */
  public static StreamBytes header() {
    return new StreamBytes().be32(0x5145564d).be32(3);
  }

  /** A stream of one block, whose only page, the first one, is full of 1. */
  public static StreamBytes ofBlock(String name, long length) {
    StreamBytes stream = header().configuration("none").ramStart(name, length);
    return stream.ramPart(part -> part.page(name, 0, (byte) 1)).ramEnd();
  }

  public StreamBytes configuration(String machine) {
    byte[] name = machine.getBytes(StandardCharsets.UTF_8);
    return byte1(7).be32(name.length).bytes(name);
  }

  /** Names and lengths in turn. */
  public StreamBytes ramStart(Object... blocks) {
    long total = 0;
    for (int i = 1; i < blocks.length; i += 2) {
      total += ((Number) blocks[i]).longValue();
    }
    byte1(1).be32(RAM).counted("ram").be32(0).be32(4).be64(total | 4);
    for (int i = 0; i < blocks.length; i += 2) {
      counted((String) blocks[i]).be64(((Number) blocks[i + 1]).longValue());
    }
    return be64(EOS).footer(RAM);
  }

  /** What a part of a section consists of. */
  public interface Part {
    StreamBytes on(StreamBytes stream);
  }

  public StreamBytes ramPart(Part records) {
    byte1(2).be32(RAM);
    return records.on(this).be64(EOS).footer(RAM);
  }

  public StreamBytes ramEnd() {
    return byte1(3).be32(RAM).be64(EOS).footer(RAM);
  }

  /** A page that has this byte everywhere, written out. */
  public StreamBytes page(String block, long offset, byte content) {
    byte[] page = new byte[4096];
    java.util.Arrays.fill(page, content);
    return be64(offset | 0x08).counted(block).bytes(page);
  }

  public StreamBytes zero(String block, long offset) {
    return be64(offset | 0x02).counted(block).byte1(0);
  }

  public StreamBytes device(String name, byte[] content) {
    return device(name.getBytes(StandardCharsets.UTF_8), content);
  }

  public StreamBytes device(byte[] name, byte[] content) {
    int id = device++;
    byte1(4).be32(id).byte1(name.length).bytes(name).be32(0).be32(1).bytes(content);
    return footer(id);
  }

  public StreamBytes footer(int section) {
    return byte1(0x7e).be32(section);
  }

  public StreamBytes eof() {
    return byte1(0);
  }

  public StreamBytes description(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    return byte1(6).be32(text.length).bytes(text);
  }

  public StreamBytes byte1(int value) {
    out.write(value);
    return this;
  }

  public StreamBytes be32(int value) {
    return byte1(value >>> 24).byte1(value >>> 16).byte1(value >>> 8).byte1(value);
  }

  public StreamBytes be64(long value) {
    return be32((int) (value >>> 32)).be32((int) value);
  }

  public StreamBytes counted(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return byte1(bytes.length).bytes(bytes);
  }

  public StreamBytes bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  public byte[] build() {
    return out.toByteArray();
  }
}
