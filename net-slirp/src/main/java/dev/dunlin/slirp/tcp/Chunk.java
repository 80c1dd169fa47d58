package dev.dunlin.slirp.tcp;

import java.nio.ByteBuffer;

/** A piece of buffer memory with the bounds of what is in it; one owner, from {@link ChunkPool}. */
final class Chunk {
  final ByteBuffer bytes;

  /** Index of the first byte that is still of use. */
  int from;

  /** Index after the last. */
  int to;

  Chunk(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  int capacity() {
    return bytes.capacity();
  }

  int length() {
    return to - from;
  }

  int room() {
    return bytes.capacity() - to;
  }
}
