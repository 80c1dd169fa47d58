package dev.dunlin.migration.multifd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.migration.ram.StagedTarget;
import dev.dunlin.migration.stream.BytesChannel;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.StagedRam;
import dev.dunlin.testing.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Packets as they come, good and bad. */
@NoLeaks
class MultifdReceiverTest {
  private static final int PAGE = RamBlock.PAGE_SIZE;
  private static final int PAGES = 256;

  private final RamBlock guest = new RamBlock("ram", new HeapRam((long) PAGES * PAGE), false);
  private final GuestRam ram = new GuestRam(List.of(guest), PhysicalMap.EMPTY);

  private static byte[] sync() {
    Packet packet = new Packet();
    packet.sync(7);
    return LaneBytes.bytesOf(packet);
  }

  /** A packet of the first pages, changed, and so many bytes of data. */
  private byte[] pages(int count, Consumer<ByteBuffer> change, byte[] data, Compression how) {
    PageBatch batch = new PageBatch();
    for (int i = 0; i < count; i++) {
      batch.add(guest, (long) i * PAGE);
    }
    Packet packet = new Packet();
    packet.pages(batch, how.flags(), data.length, 0);
    ByteBuffer bytes = ByteBuffer.allocate(Packet.BYTES + data.length);
    bytes.put(LaneBytes.bytesOf(packet)).put(data);
    change.accept(bytes);
    return bytes.array();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Receives on one connection up to its first barrier. */
  private byte[] receive(Compression compression, byte[] stream) throws Exception {
    try (StagedRam staged = StagedRam.over(ram, GuestMemoryFiles.best());
        MultifdReceiver receiver =
            new MultifdReceiver(
                List.of(new BytesChannel(stream, 1000)),
                compression,
                new StagedTarget(staged),
                () -> {})) {
      receiver.reached();
      ByteBuffer all = ByteBuffer.allocate(PAGES * PAGE);
      staged.ram().blocks().get(0).read(0, all);
      return all.array();
    }
  }

  private String refusal(Compression compression, byte[] stream) {
    LoadException refused =
        assertThrows(LoadException.class, () -> receive(compression, join(stream, sync())));
    return String.join("; ", refused.lines());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0 | multifd: received packet magic 0 and expected magic 11223344",
        "4 | 2 | multifd: received packet version 2 and expected version 1",
        "12 | 129 | multifd: received packet with size 129 and expected a size of 128",
        "12 | -1 | multifd: received packet with size 4294967295 and expected a size of 128",
        "16 | 129 | multifd: received packet with 129 pages and expected maximum pages are 128",
        "16 | -1 | multifd: received packet with 4294967295 pages and expected maximum pages are 128",
        "8 | 2 | multifd 0: flags received 2 flags expected 0",
        "64 | 0x7a7a7a00 | multifd: unknown ram block zzz",
        "320 | 1 | multifd: offset too long 4294967296 (max 100000)",
        "320 | -1 | multifd: offset too long 18446744069414584320 (max 100000)",
        "324 | 1 | multifd: offset too long 1 (max 100000)",
        "324 | 0x100000 | multifd: offset too long 1048576 (max 100000)",
      })
  void a_bad_packet_earns_these_words(int at, String value, String words) {
    int number = Long.decode(value).intValue();
    assertEquals(
        words,
        refusal(
            Compression.NONE,
            pages(2, bytes -> bytes.putInt(at, number), new byte[2 * PAGE], Compression.NONE)));
  }

  @Test
  void a_connection_that_ends_too_early_is_named() {
    byte[] whole = pages(2, bytes -> {}, new byte[2 * PAGE], Compression.NONE);
    for (int length : new int[] {1, 1343, 1344, whole.length - 1}) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      LoadException refused =
          assertThrows(LoadException.class, () -> receive(Compression.NONE, cut));
      assertEquals(
          List.of(
              "failed to receive packet via multifd channel 0: the connection ended in the middle of"
                  + " a packet"),
          refused.lines());
    }
    LoadException refused =
        assertThrows(LoadException.class, () -> receive(Compression.NONE, whole));
    assertEquals(List.of("a multifd channel ended before the migration did"), refused.lines());
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void what_was_encoded_is_decoded_batch_after_batch(Compression compression) throws Exception {
    byte[] bytes = new byte[PAGES * PAGE];
    new Random(3).nextBytes(bytes);
    java.util.Arrays.fill(bytes, 10 * PAGE, 30 * PAGE, (byte) 3);
    guest.write(0, ByteBuffer.wrap(bytes));
    List<byte[]> parts = new ArrayList<>();
    try (BatchEncoder encoder = compression.encoder(1)) {
      for (int from = 0; from < PAGES; from += 100) {
        PageBatch batch = new PageBatch();
        for (int page = from; page < Math.min(PAGES, from + 100); page++) {
          batch.add(guest, (long) page * PAGE);
        }
        IoVectors vectors = new IoVectors();
        int size = encoder.encode(batch, vectors);
        Packet packet = new Packet();
        packet.pages(batch, compression.flags(), size, from);
        parts.add(LaneBytes.bytesOf(packet));
        parts.add(LaneBytes.drain(vectors, size));
      }
    }
    parts.add(sync());
    guest.write(0, ByteBuffer.wrap(new byte[PAGES * PAGE]));
    assertArrayEquals(bytes, receive(compression, join(parts.toArray(byte[][]::new))));
  }

  @Test
  void compressed_data_that_are_none_are_refused() {
    byte[] junk = new byte[200];
    new Random(4).nextBytes(junk);
    for (Compression compression : List.of(Compression.ZLIB, Compression.ZSTD)) {
      String words = refusal(compression, pages(2, bytes -> {}, junk, compression));
      assertTrue(words.startsWith("multifd 0: "), words);
    }
  }

  @Test
  void a_size_beyond_any_packet_allocates_nothing() {
    for (Compression compression : List.of(Compression.ZLIB, Compression.ZSTD)) {
      assertEquals(
          "multifd 0: packet size received 4294967295 size expected at most 1048576",
          refusal(
              compression, pages(2, bytes -> bytes.putInt(20, -1), new byte[100], compression)));
    }
  }

  @Test
  void too_much_and_too_little_are_refused() throws Exception {
    for (Compression compression : List.of(Compression.ZLIB, Compression.ZSTD)) {
      byte[] three;
      try (BatchEncoder encoder = compression.encoder(1)) {
        PageBatch batch = new PageBatch();
        for (int page = 0; page < 3; page++) {
          batch.add(guest, (long) page * PAGE);
        }
        IoVectors vectors = new IoVectors();
        three = LaneBytes.drain(vectors, encoder.encode(batch, vectors));
      }
      assertEquals(
          "multifd 0: packet size received more size expected 8192",
          refusal(compression, pages(2, bytes -> {}, three, compression)));
      assertEquals(
          "multifd 0: packet size received 12288 size expected 16384",
          refusal(compression, pages(4, bytes -> {}, three, compression)));
    }
  }

  /** A window of 128 MiB, which zstd itself would allocate for each connection. */
  @Test
  void a_zstd_frame_with_a_large_window_is_refused() {
    ByteBuffer data = ByteBuffer.allocateDirect(1 << 16);
    ByteBuffer page = ByteBuffer.allocateDirect(2 * PAGE);
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setWindowLog(27);
      while (!context.compressDirectByteBufferStream(data, page, EndDirective.FLUSH)) {
        assertTrue(data.hasRemaining());
      }
    }
    byte[] bytes = new byte[data.flip().remaining()];
    data.get(bytes);
    assertEquals(
        "multifd 0: decompressStream returned Frame requires too much memory for decoding",
        refusal(Compression.ZSTD, pages(2, b -> {}, bytes, Compression.ZSTD)));
  }

  @Test
  void nothing_after_a_barrier_is_read_before_the_stream_has_come_there() throws Exception {
    byte[] first = new byte[PAGE];
    java.util.Arrays.fill(first, (byte) 1);
    byte[] second = new byte[PAGE];
    java.util.Arrays.fill(second, (byte) 2);
    byte[] fast =
        join(
            pages(1, bytes -> {}, first, Compression.NONE),
            sync(),
            pages(1, bytes -> {}, second, Compression.NONE),
            sync());
    byte[] slow = join(sync(), sync());
    try (StagedRam staged = StagedRam.over(ram, GuestMemoryFiles.best());
        MultifdReceiver receiver =
            new MultifdReceiver(
                List.of(new BytesChannel(fast, 1000), new BytesChannel(slow, 1000)),
                Compression.NONE,
                new StagedTarget(staged),
                () -> {})) {
      ByteBuffer got = ByteBuffer.allocate(1);
      receiver.reached();
      receiver.reached();
      staged.ram().blocks().get(0).read(0, got);
      assertEquals(2, got.get(0));
    }
  }

  @Test
  void a_lane_that_fails_wakes_who_reads_the_stream() throws Exception {
    CountDownLatch woken = new CountDownLatch(1);
    try (StagedRam staged = StagedRam.over(ram, GuestMemoryFiles.best());
        MultifdReceiver receiver =
            new MultifdReceiver(
                List.of(new BytesChannel(new byte[Packet.BYTES], 1000)),
                Compression.NONE,
                new StagedTarget(staged),
                woken::countDown)) {
      assertTrue(woken.await(60, java.util.concurrent.TimeUnit.SECONDS));
      assertTrue(receiver.failure().isPresent());
    }
  }

  @Test
  void a_hello_is_read_as_it_was_written_and_strangers_are_refused() throws Exception {
    UUID own = UUID.fromString("12345678-1234-1234-1234-123456789abc");
    Hello hello = new Hello(own, 200);
    assertEquals(hello, Hello.decode(hello.encode()));
    assertEquals(64, hello.encode().remaining());
    hello.check(own, 201);
    assertEquals(
        List.of(
            "multifd: received uuid '12345678-1234-1234-1234-123456789abc' and expected uuid"
                + " '00000000-0000-0000-0000-000000000000' for channel 200"),
        assertThrows(LoadException.class, () -> hello.check(new UUID(0, 0), 255)).lines());
    assertEquals(
        List.of("multifd: received id '200' and have 200 channels"),
        assertThrows(LoadException.class, () -> hello.check(own, 200)).lines());
    assertEquals(
        List.of("multifd: received packet magic 0 expected 11223344"),
        assertThrows(LoadException.class, () -> Hello.decode(ByteBuffer.allocate(64))).lines());
  }

  /** Mutations of a good stream: a verdict each time, whatever it is. */
  @ParameterizedTest
  @EnumSource(Compression.class)
  void any_bytes_end_with_a_verdict(Compression compression) throws Exception {
    byte[] good;
    try (BatchEncoder encoder = compression.encoder(1)) {
      PageBatch batch = new PageBatch();
      for (int page = 0; page < 20; page++) {
        batch.add(guest, (long) page * PAGE);
      }
      IoVectors vectors = new IoVectors();
      int size = encoder.encode(batch, vectors);
      Packet packet = new Packet();
      packet.pages(batch, compression.flags(), size, 0);
      good = join(LaneBytes.bytesOf(packet), LaneBytes.drain(vectors, size), sync());
    }
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      byte[] bad =
          java.util.Arrays.copyOf(good, good.length - random.nextInt(2) * random.nextInt(100));
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        int where = random.nextBoolean() ? random.nextInt(340) : random.nextInt(bad.length);
        bad[where] =
            (byte)
                (random.nextBoolean() ? random.nextInt() : bad[where] ^ (1 << random.nextInt(8)));
      }
      try {
        receive(compression, bad);
      } catch (LoadException refused) {
        assertTrue(!refused.lines().isEmpty(), "seed " + seed);
        assertTrue(!refused.lines().get(0).startsWith("internal error"), "seed " + seed + refused);
      }
    }
  }
}
