package dev.dunlin.migration.multifd;

import dev.dunlin.migration.stream.LoadException;
import java.nio.ByteBuffer;

/** A packet's data before they are decompressed: never more than twice the pages, as in QEMU. */
final class CompressedData {
  private final int channel;
  private final ByteBuffer bytes = ByteBuffer.allocateDirect(2 * PageBatch.MOST_BYTES);

  CompressedData(int channel) {
    this.channel = channel;
  }

  ByteBuffer read(BatchDecoder.Source source, int size) throws LoadException {
    if (Integer.compareUnsigned(size, bytes.capacity()) > 0) {
      throw LoadException.invalid(
          "multifd %d: packet size received %s size expected at most %d"
              .formatted(channel, Integer.toUnsignedString(size), bytes.capacity()));
    }
    source.fill(bytes.clear().limit(size));
    return bytes;
  }

  /** A packet has as much as its pages take, neither less nor more. */
  void checkOutput(int bytesGot, int expected) throws LoadException {
    if (bytesGot != expected) {
      throw LoadException.invalid(
          "multifd %d: packet size received %s size expected %d"
              .formatted(channel, bytesGot > expected ? "more" : bytesGot, expected));
    }
  }
}
