package dev.dunlin.core.machine;

import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.PhysicalMemory;
import dev.dunlin.ram.RamBacking;
import dev.dunlin.ram.RamFileProvider;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Bytes that every reset writes to a guest-physical address, kept as they were when the machine was
 * made: the file may have changed since (QEMU's Rom in hw/core/loader.c).
 */
final class RomImage implements AutoCloseable {
  private static final int STEP = 1 << 20;

  /** Larger images would crowd the Java heap. */
  private static final long LARGE = 4 << 20;

  private final String name;
  private final long address;
  private final RamBacking bytes;
  private final long memoryLength;

  private RomImage(String name, long address, RamBacking bytes, long memoryLength) {
    this.name = name;
    this.address = address;
    this.bytes = bytes;
    this.memoryLength = memoryLength;
  }

  static RomImage of(String name, long address, ByteBuffer content) {
    HeapRam bytes = new HeapRam(content.remaining());
    bytes.write(0, content);
    return new RomImage(name, address, bytes, bytes.length());
  }

  /** A part of a file. */
  static RomImage copyOf(
      String name, long address, FileChannel file, long offset, long length, RamFileProvider files)
      throws IOException {
    return copyOf(name, address, file, offset, length, length, files);
  }

  /** A part of a file, followed by zeroes up to {@code memoryLength}. */
  static RomImage copyOf(
      String name,
      long address,
      FileChannel file,
      long offset,
      long length,
      long memoryLength,
      RamFileProvider files)
      throws IOException {
    RamBacking bytes =
        length >= LARGE ? MappedRam.create(files, name, length) : new HeapRam(length);
    try {
      copy(file, offset, length, bytes);
      return new RomImage(name, address, bytes, memoryLength);
    } catch (IOException | RuntimeException | Error e) {
      bytes.close();
      throw e;
    }
  }

  private static void copy(FileChannel file, long offset, long length, RamBacking bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(STEP, length));
    for (long at = 0; at < length; ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), length - at));
      int count = file.read(buffer, offset + at);
      if (count < 0) {
        throw new EOFException("file ends at " + (offset + at));
      }
      bytes.write(at, buffer.flip());
      at += count;
    }
  }

  String name() {
    return name;
  }

  long address() {
    return address;
  }

  /** The first address after it. */
  long end() {
    return address + memoryLength;
  }

  boolean overlaps(RomImage other) {
    return Long.compareUnsigned(address, other.end()) < 0
        && Long.compareUnsigned(other.address, end()) < 0;
  }

  /** Writes it, through write protection; false when some of it met no memory. */
  boolean load(PhysicalMemory memory) {
    boolean complete = true;
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(STEP, memoryLength));
    for (long at = 0; at < memoryLength; at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), memoryLength - at));
      fill(buffer, at);
      complete &= memory.writeRom(address + at, buffer.flip());
    }
    return complete;
  }

  private void fill(ByteBuffer buffer, long at) {
    int limit = buffer.limit();
    buffer.limit((int) Math.min(limit, Math.max(0, bytes.length() - at)));
    bytes.read(Math.min(at, bytes.length()), buffer);
    buffer.limit(limit);
    while (buffer.hasRemaining()) {
      buffer.put((byte) 0);
    }
  }

  @Override
  public void close() {
    bytes.close();
  }
}
