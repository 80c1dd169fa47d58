package dev.dunlin.migration.multifd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.channel.OutgoingOpener;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on the wire, byte by byte. */
@NoLeaks
class MultifdSenderTest {
  private static final int PAGE = RamBlock.PAGE_SIZE;
  private static final UUID OWN = new UUID(0x0123456789abcdefL, 0x1122334455667788L);

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    SocketChannel.open().close();
  }

  /** A sender and the other end of each of its connections. */
  private final class Wire implements AutoCloseable {
    private final ServerSocketChannel server;
    private final AbortSignal abort = AbortSignal.open();
    private final MultifdSender sender;
    private final List<SocketChannel> sockets = new ArrayList<>();
    private final List<Thread> senders = new ArrayList<>();

    Wire(int channels, Compression compression) throws IOException {
      Path path = directory.resolve("in");
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(path), channels);
      ChannelUri uri = ChannelUri.parse("unix:" + path);
      sender =
          MultifdSender.connect(
              ending -> OutgoingOpener.openSocket(uri, ending),
              channels,
              compression,
              1,
              OWN,
              abort);
      for (int i = 0; i < channels; i++) {
        sockets.add(server.accept());
      }
    }

    /** Checks what it says first; returns its number. */
    int hello(int index) throws IOException {
      DataInputStream in = in(index);
      assertEquals(0x11223344, in.readInt());
      assertEquals(1, in.readInt());
      assertEquals(OWN.getMostSignificantBits(), in.readLong());
      assertEquals(OWN.getLeastSignificantBits(), in.readLong());
      int number = in.readUnsignedByte();
      assertArrayEquals(new byte[39], in.readNBytes(39));
      return number;
    }

    DataInputStream in(int index) {
      return new DataInputStream(Channels.newInputStream(sockets.get(index)));
    }

    /** Sends beside the test, which reads: a packet is more than a socket holds. */
    void send(Sending sending) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  sending.run(sender);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      thread.start();
      senders.add(thread);
    }

    Sent packet(int index) throws IOException {
      return Sent.read(in(index));
    }

    @Override
    public void close() throws Exception {
      for (Thread thread : senders) {
        thread.join();
      }
      sender.close();
      for (SocketChannel socket : sockets) {
        socket.close();
      }
      server.close();
      abort.close();
      java.nio.file.Files.delete(directory.resolve("in"));
    }
  }

  @FunctionalInterface
  private interface Sending {
    void run(MultifdSender sender) throws IOException;
  }

  /** A packet with its data. */
  private record Sent(int flags, long number, String block, List<Long> offsets, byte[] data) {
    static Sent read(DataInputStream in) throws IOException {
      assertEquals(0x11223344, in.readInt());
      assertEquals(1, in.readInt());
      int flags = in.readInt();
      assertEquals(128, in.readInt());
      int pages = in.readInt();
      int size = in.readInt();
      long number = in.readLong();
      assertArrayEquals(new byte[32], in.readNBytes(32));
      String name = new String(in.readNBytes(256), java.nio.charset.StandardCharsets.UTF_8);
      List<Long> offsets = new ArrayList<>();
      for (int i = 0; i < 128; i++) {
        long offset = in.readLong();
        if (i < pages) {
          offsets.add(offset);
        }
      }
      return new Sent(
          flags,
          number,
          pages == 0 ? "" : name.substring(0, name.indexOf(0)),
          offsets,
          in.readNBytes(size));
    }
  }

  @Test
  void each_connection_says_whose_it_is_and_which() throws Exception {
    try (Wire wire = new Wire(3, Compression.NONE)) {
      assertEquals(0, wire.hello(0));
      assertEquals(1, wire.hello(1));
      assertEquals(2, wire.hello(2));
    }
  }

  /** Also when it is asked for before the threads have begun. */
  @Test
  void every_connection_carries_every_barrier() throws Exception {
    for (int round = 0; round < 30; round++) {
      try (Wire wire = new Wire(4, Compression.NONE)) {
        wire.sender.sync();
        wire.sender.sync();
        assertEquals(4 * 64 + 8 * 1344, wire.sender.bytes());
        for (int i = 0; i < 4; i++) {
          wire.hello(i);
          assertEquals(i, wire.packet(i).number());
          Sent second = wire.packet(i);
          assertEquals(4 + i, second.number());
          assertEquals(1, second.flags());
          assertEquals(List.of(), second.offsets());
        }
      }
    }
  }

  @Test
  void a_packet_has_up_to_128_pages_of_one_block_in_the_order_in_which_they_came()
      throws Exception {
    byte[] bytes = new byte[300 * PAGE];
    new Random(1).nextBytes(bytes);
    RamBlock first = block("first", bytes);
    RamBlock second = block("the.second", bytes);
    try (Wire wire = new Wire(1, Compression.NONE)) {
      wire.hello(0);
      wire.send(
          sender -> {
            for (int page = 0; page < 130; page++) {
              sender.page(first, (long) page * PAGE);
            }
            sender.page(second, 9L * PAGE);
            sender.page(second, 7L * PAGE);
            sender.page(second, 8L * PAGE);
            sender.sync();
          });
      Sent whole = wire.packet(0);
      assertEquals("first", whole.block());
      assertEquals(128, whole.offsets().size());
      assertArrayEquals(java.util.Arrays.copyOf(bytes, 128 * PAGE), whole.data());
      Sent rest = wire.packet(0);
      assertEquals(List.of(128L * PAGE, 129L * PAGE), rest.offsets());
      Sent other = wire.packet(0);
      assertEquals("the.second", other.block());
      assertEquals(List.of(9L * PAGE, 7L * PAGE, 8L * PAGE), other.offsets());
      byte[] expected = new byte[3 * PAGE];
      System.arraycopy(bytes, 9 * PAGE, expected, 0, PAGE);
      System.arraycopy(bytes, 7 * PAGE, expected, PAGE, 2 * PAGE);
      assertArrayEquals(expected, other.data());
      assertEquals(0, other.flags());
      assertEquals(List.of(0L, 1L, 2L), List.of(whole.number(), rest.number(), other.number()));
      assertEquals(1, wire.packet(0).flags());
    }
  }

  @Test
  void a_lane_that_fails_ends_the_others_and_says_why() throws Exception {
    RamBlock block = block("ram", new byte[4096 * PAGE]);
    try (Wire wire = new Wire(2, Compression.NONE)) {
      wire.hello(0);
      wire.hello(1);
      wire.sockets.get(1).close();
      IOException why =
          assertThrows(
              IOException.class,
              () -> {
                for (long page = 0; page < 4096; page++) {
                  wire.sender.page(block, page * PAGE);
                }
                wire.sender.sync();
              });
      assertTrue(
          String.valueOf(why.getMessage()).startsWith("Unable to write to socket: "),
          why.toString());
    }
  }

  @Test
  void the_migrations_end_frees_a_lane_that_nobody_reads() throws Exception {
    RamBlock block = block("ram", new byte[4096 * PAGE]);
    try (Wire wire = new Wire(1, Compression.NONE)) {
      Thread cancel =
          new Thread(
              () -> {
                Await.until("the socket to be full", () -> wire.sender.backlog() > 0);
                wire.abort.trigger();
              });
      cancel.start();
      assertThrows(
          IOException.class,
          () -> {
            for (long page = 0; ; page = (page + 1) % 4096) {
              wire.sender.page(block, page * PAGE);
            }
          });
      cancel.join();
    }
  }

  @Test
  void compressed_data_of_a_connection_are_one_stream() throws Exception {
    for (Compression compression : List.of(Compression.ZLIB, Compression.ZSTD)) {
      byte[] bytes = new byte[512 * PAGE];
      Random random = new Random(2);
      for (int page = 0; page < 512; page += 2) {
        byte[] some = new byte[PAGE];
        random.nextBytes(some);
        System.arraycopy(some, 0, bytes, page * PAGE, PAGE);
      }
      RamBlock block = block("ram", bytes);
      try (Wire wire = new Wire(1, compression);
          BatchDecoder decoder = compression.decoder(0)) {
        wire.hello(0);
        wire.send(
            sender -> {
              for (int page = 0; page < 512; page++) {
                sender.page(block, (long) page * PAGE);
              }
              sender.sync();
            });
        for (int i = 0; i < 4; i++) {
          Sent sent = wire.packet(0);
          assertEquals(compression.flags(), sent.flags());
          assertTrue(sent.data().length < 100 * PAGE, compression + " " + sent.data().length);
          ByteBuffer data = ByteBuffer.wrap(sent.data());
          ByteBuffer pages =
              decoder.decode(
                  into -> into.put(data).flip(), sent.offsets().size(), sent.data().length);
          byte[] got = new byte[pages.remaining()];
          pages.get(got);
          assertArrayEquals(
              java.util.Arrays.copyOfRange(bytes, i * 128 * PAGE, (i + 1) * 128 * PAGE), got);
        }
        assertEquals(1, wire.packet(0).flags());
      }
    }
  }

  private static RamBlock block(String name, byte[] bytes) {
    RamBlock block = new RamBlock(name, new HeapRam(bytes.length), false);
    block.write(0, ByteBuffer.wrap(bytes));
    return block;
  }
}
