package dev.dunlin.migration.multifd;

import dev.dunlin.core.posix.GatheredWrite;
import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.ram.RamBlock;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.UUID;

/** What a sender puts on a connection for pages, as bytes. */
public final class LaneBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Pages of a block from its first on, so many a packet, and then barriers. */
  public static byte[] of(
      Compression compression, RamBlock block, int packets, int pages, int barriers)
      throws Exception {
    LaneBytes lane = new LaneBytes();
    try (BatchEncoder encoder = compression.encoder(1)) {
      for (int i = 0; i < packets; i++) {
        PageBatch batch = new PageBatch();
        for (int page = 0; page < pages; page++) {
          batch.add(block, (long) (i * pages + page) * RamBlock.PAGE_SIZE);
        }
        IoVectors vectors = new IoVectors();
        int size = encoder.encode(batch, vectors);
        Packet packet = new Packet();
        packet.pages(batch, compression.flags(), size, i);
        lane.out.writeBytes(bytesOf(packet));
        lane.out.writeBytes(drain(vectors, size));
      }
    }
    for (int i = 0; i < barriers; i++) {
      Packet packet = new Packet();
      packet.sync(packets + i);
      lane.out.writeBytes(bytesOf(packet));
    }
    return lane.out.toByteArray();
  }

  /** The first connection's greeting. */
  public static byte[] hello(UUID uuid) {
    byte[] bytes = new byte[Hello.BYTES];
    new Hello(uuid, 0).encode().get(0, bytes);
    return bytes;
  }

  static byte[] bytesOf(Packet packet) {
    byte[] bytes = new byte[Packet.BYTES];
    packet.bytes().get(bytes);
    return bytes;
  }

  /** Through a pipe, as the vectors are addresses. */
  static byte[] drain(IoVectors vectors, int size) throws Exception {
    byte[] all = new byte[size];
    int done = 0;
    try (Pipe pipe = Pipe.open()) {
      pipe.resize(1 << 20);
      pipe.writeEnd().setNonBlocking(true);
      pipe.readEnd().setNonBlocking(true);
      while (done < size) {
        if (!vectors.isEmpty()) {
          var unused = GatheredWrite.write(pipe.writeEnd(), vectors);
        }
        ByteBuffer some = ByteBuffer.allocateDirect(1 << 16);
        var unused = pipe.readEnd().read(some);
        some.flip();
        int count = some.remaining();
        some.get(all, done, count);
        done += count;
      }
    }
    return all;
  }
}
