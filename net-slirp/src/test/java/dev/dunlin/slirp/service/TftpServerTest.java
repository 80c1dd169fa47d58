package dev.dunlin.slirp.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.TftpPacket;
import dev.dunlin.testing.Fuzz;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TftpServerTest {
  private static final int CLIENT = 2000;

  private final TestStack stack = new TestStack();
  private final Map<String, byte[]> files = new HashMap<>();
  private int openFiles;
  private long hugeSize;
  private boolean readFails;
  private final TftpServer server =
      new TftpServer(
          Packets.GATEWAY,
          this::open,
          1500,
          stack.ports,
          stack.pool,
          stack.udpOutput,
          new Random(3),
          stack.drops);
  private int serverPort;

  private FileSource.OpenFile open(String name) throws FileSource.Denied {
    byte[] data = files.get(name);
    if (data == null) {
      throw new FileSource.Denied(TftpPacket.ERROR_NOT_FOUND, "File not found");
    }
    openFiles++;
    return new FileSource.OpenFile() {
      private final long size = hugeSize > 0 ? hugeSize : data.length;
      private boolean closed;

      @Override
      public long size() {
        return size;
      }

      @Override
      public void read(long position, ByteBuffer into) throws IOException {
        if (readFails) {
          throw new IOException("Input/output error");
        }
        if (hugeSize > 0) {
          while (into.hasRemaining()) {
            into.put((byte) 7);
          }
          return;
        }
        byte[] now = files.getOrDefault(name, new byte[0]);
        int count = (int) Math.max(0, Math.min(into.remaining(), now.length - position));
        into.put(now, (int) Math.min(position, now.length), count);
      }

      @Override
      public void close() {
        if (!closed) {
          closed = true;
          openFiles--;
        }
      }
    };
  }

  @AfterEach
  void nothing_leaks() {
    server.close();
    assertEquals(0, openFiles, "open files");
    assertEquals(Timed.IDLE, server.delay(stack.now()));
    stack.assertNothingLeaks();
  }

  private void send(int sport, int dport, TftpPacket packet) {
    Frame frame = Frame.unpooled(2000);
    TftpPacket.emit(frame, packet);
    byte[] data = frame.toByteArray();
    stack.guest(Packets.udp(Packets.GUEST, sport, Packets.GATEWAY, dport, data));
  }

  private void read(String file, String... options) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < options.length; i += 2) {
      map.put(options[i], options[i + 1]);
    }
    send(CLIENT, 69, new TftpPacket.Request(false, file, "octet", map));
  }

  private void ack(int block) {
    send(CLIENT, serverPort, new TftpPacket.Ack(block));
  }

  private TftpPacket next() {
    Parsed packet = stack.link.next().udp();
    serverPort = packet.udp.sourcePort();
    assertEquals(CLIENT, packet.udp.destinationPort());
    return TftpPacket.parse(ByteBuffer.wrap(packet.udpPayload())).orElseThrow();
  }

  private TftpPacket.Data data() {
    return assertInstanceOf(TftpPacket.Data.class, next());
  }

  private void assertError(int code) {
    assertEquals(code, assertInstanceOf(TftpPacket.Failure.class, next()).code());
    stack.link.assertSilent();
  }

  private void pass(Duration duration) {
    long end = stack.now() + duration.toNanos();
    while (server.delay(stack.now()) <= end - stack.now()) {
      stack.clock.advanceNanos(server.delay(stack.now()));
      server.onTime(stack.now());
    }
    stack.clock.advanceNanos(end - stack.now());
  }

  /** Reads the whole file with windows of {@code window} blocks. */
  private byte[] download(int blockSize, int window) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int expected = 1;
    while (true) {
      for (int i = 0; i < window; i++) {
        TftpPacket.Data data = data();
        assertEquals(expected & 0xffff, data.block());
        byte[] bytes = new byte[data.data().remaining()];
        data.data().get(bytes);
        out.writeBytes(bytes);
        if (bytes.length < blockSize) {
          ack(expected & 0xffff);
          stack.link.assertSilent();
          return out.toByteArray();
        }
        expected++;
      }
      ack(expected - 1 & 0xffff);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 511, 512, 513, 1024, 5000})
  void file_of_every_length_arrives_whole_and_ends_with_a_short_block(int length) {
    files.put("f", Packets.noise(length, length));
    read("f");
    assertArrayEquals(Packets.noise(length, length), download(512, 1));
    assertEquals(0, server.size());
    assertEquals(0, openFiles);
  }

  @Test
  void answers_come_from_a_new_port_as_the_standard_wants() {
    files.put("f", new byte[10]);
    read("f");
    data();
    assertNotEquals(69, serverPort);
    assertTrue(serverPort >= 49_152);
  }

  @Test
  void options_are_acknowledged_and_used() {
    files.put("f", Packets.noise(10_000, 1));
    read("f", "blksize", "1428", "tsize", "0", "timeout", "3", "windowsize", "4", "x", "y");
    TftpPacket.OptionAck ack = assertInstanceOf(TftpPacket.OptionAck.class, next());
    assertEquals(
        Map.of("blksize", "1428", "tsize", "10000", "timeout", "3", "windowsize", "4"),
        ack.options());
    stack.link.assertSilent();
    ack(0);
    assertArrayEquals(Packets.noise(10_000, 1), download(1428, 4));
  }

  @Test
  void large_blocks_are_cut_to_the_mtu_and_long_windows_to_ours() {
    files.put("f", new byte[10]);
    read("f", "blksize", "65464", "windowsize", "65535");
    TftpPacket.OptionAck ack = assertInstanceOf(TftpPacket.OptionAck.class, next());
    assertEquals(Map.of("blksize", "1468", "windowsize", "64"), ack.options());
  }

  @ParameterizedTest
  @CsvSource({
    "blksize, 0",
    "blksize, 7",
    "blksize, 65536",
    "blksize, -1",
    "blksize, x",
    "blksize, 99999999999999999999",
    "tsize, text",
    "timeout, 0",
    "timeout, 256",
    "windowsize, 0",
    "windowsize, 65536",
  })
  void impossible_option_values_are_errors(String option, String value) {
    files.put("f", new byte[10]);
    read("f", option, value);
    assertError(TftpPacket.ERROR_OPTIONS);
    assertEquals(0, server.size());
  }

  @Test
  void unknown_options_alone_begin_with_data() {
    files.put("f", new byte[10]);
    read("f", "multicast", "");
    assertEquals(1, data().block());
  }

  @Test
  void missing_file_write_request_and_other_modes_are_errors() {
    read("nothing");
    assertError(TftpPacket.ERROR_NOT_FOUND);
    read("");
    assertError(TftpPacket.ERROR_NOT_FOUND);
    send(CLIENT, 69, new TftpPacket.Request(true, "f", "octet", Map.of()));
    assertError(TftpPacket.ERROR_ACCESS);
    send(CLIENT, 69, new TftpPacket.Request(false, "f", "netascii", Map.of()));
    assertError(TftpPacket.ERROR_ILLEGAL);
  }

  @Test
  void garbage_to_port_69_is_illegal_and_an_error_is_not_answered() {
    stack.guest(Packets.udp(Packets.GUEST, CLIENT, Packets.GATEWAY, 69, new byte[3]));
    assertError(TftpPacket.ERROR_ILLEGAL);
    stack.guest(
        Packets.udp(
            Packets.GUEST, CLIENT, Packets.GATEWAY, 69, (byte) 0, (byte) 1, (byte) 'n', (byte) 0));
    assertError(TftpPacket.ERROR_ILLEGAL);
    send(CLIENT, 69, new TftpPacket.Ack(1));
    assertError(TftpPacket.ERROR_ILLEGAL);
    send(CLIENT, 69, new TftpPacket.Failure(0, "x"));
    stack.link.assertSilent();
    stack.assertDropped(DropReason.TFTP_MALFORMED, 4);
  }

  @Test
  void duplicate_ack_brings_no_second_block() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    ack(1);
    assertEquals(2, data().block());
    ack(1);
    ack(1);
    stack.link.assertSilent();
    ack(2);
    assertEquals(3, data().block());
  }

  @Test
  void ack_of_a_future_or_ancient_block_is_ignored() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    ack(2);
    ack(500);
    ack(0xffff);
    stack.link.assertSilent();
    ack(1);
    assertEquals(2, data().block());
  }

  @Test
  void lost_block_in_a_window_is_sent_again_from_there() {
    files.put("f", Packets.noise(512 * 10, 1));
    read("f", "windowsize", "4");
    next();
    ack(0);
    for (int i = 1; i <= 4; i++) {
      assertEquals(i, data().block());
    }
    ack(2);
    for (int i = 3; i <= 6; i++) {
      assertEquals(i, data().block());
    }
    ack(2);
    for (int i = 3; i <= 6; i++) {
      assertEquals(i, data().block());
    }
    ack(2);
    stack.link.assertSilent();
  }

  @Test
  void silence_brings_retransmissions_and_then_the_end() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    pass(Duration.ofSeconds(1));
    assertEquals(1, data().block());
    stack.link.assertSilent();
    pass(Duration.ofSeconds(2));
    assertEquals(1, data().block());
    pass(Duration.ofSeconds(60));
    assertEquals(3, stack.link.size());
    assertEquals(0, server.size());
    stack.link.clear();
  }

  @Test
  void clients_timeout_is_kept() {
    files.put("f", new byte[3000]);
    read("f", "timeout", "5");
    next();
    pass(Duration.ofMillis(4999));
    stack.link.assertSilent();
    pass(Duration.ofMillis(1));
    assertInstanceOf(TftpPacket.OptionAck.class, next());
  }

  @Test
  void repeated_request_brings_the_first_answer_again_in_the_same_transfer() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    int port = serverPort;
    read("f");
    assertEquals(1, data().block());
    assertEquals(port, serverPort);
    assertEquals(1, server.size());
  }

  @Test
  void new_request_from_the_same_port_replaces_the_transfer() {
    files.put("f", new byte[3000]);
    files.put("g", new byte[3000]);
    read("f");
    data();
    read("g");
    data();
    assertEquals(1, server.size());
    assertEquals(1, openFiles);
  }

  @Test
  void clients_error_ends_the_transfer() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    send(CLIENT, serverPort, new TftpPacket.Failure(0, "enough"));
    stack.link.assertSilent();
    assertEquals(0, server.size());
  }

  @Test
  void stranger_is_told_and_the_transfer_goes_on() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    send(CLIENT + 1, serverPort, new TftpPacket.Ack(1));
    Parsed told = stack.link.only().udp();
    assertEquals(CLIENT + 1, told.udp.destinationPort());
    assertEquals(
        TftpPacket.ERROR_UNKNOWN_TID,
        ((TftpPacket.Failure) TftpPacket.parse(ByteBuffer.wrap(told.udpPayload())).orElseThrow())
            .code());
    ack(1);
    assertEquals(2, data().block());
  }

  @Test
  void twenty_first_client_is_told_to_come_again() {
    files.put("f", new byte[3000]);
    for (int client = 0; client < 21; client++) {
      send(3000 + client, 69, new TftpPacket.Request(false, "f", "octet", Map.of()));
    }
    for (int client = 0; client < 20; client++) {
      stack.link.next();
    }
    Parsed refusal = stack.link.only().udp();
    assertEquals(3020, refusal.udp.destinationPort());
    assertInstanceOf(
        TftpPacket.Failure.class,
        TftpPacket.parse(ByteBuffer.wrap(refusal.udpPayload())).orElseThrow());
    assertEquals(TftpServer.MOST_SESSIONS, server.size());
    stack.assertDropped(DropReason.TFTP_BOUND, 1);
  }

  @Test
  void block_number_wraps_beyond_32_megabytes() {
    hugeSize = 512L * 65_540 + 100;
    files.put("huge", new byte[0]);
    read("huge", "tsize", "0", "windowsize", "64");
    assertEquals(
        Long.toString(hugeSize),
        assertInstanceOf(TftpPacket.OptionAck.class, next()).options().get("tsize"));
    ack(0);
    long received = 0;
    int expected = 1;
    while (server.size() > 0) {
      int last = 0;
      while (stack.link.size() > 0) {
        TftpPacket.Data data = data();
        assertEquals(expected++ & 0xffff, data.block());
        received += data.data().remaining();
        last = data.block();
      }
      ack(last);
    }
    assertEquals(hugeSize, received);
  }

  @Test
  void file_that_shrinks_is_an_error_and_not_padding() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    files.put("f", new byte[600]);
    ack(1);
    assertError(TftpPacket.ERROR_UNDEFINED);
    assertEquals(0, server.size());
  }

  @Test
  void file_that_grows_ends_where_it_ended() {
    files.put("f", new byte[600]);
    read("f");
    data();
    files.put("f", new byte[9000]);
    ack(1);
    assertEquals(600 - 512, data().data().remaining());
    ack(2);
    stack.link.assertSilent();
  }

  @Test
  void read_error_is_an_error() {
    files.put("f", new byte[3000]);
    readFails = true;
    read("f");
    assertError(TftpPacket.ERROR_UNDEFINED);
    assertEquals(0, openFiles);
  }

  @Test
  void closing_the_server_ends_every_transfer() {
    files.put("f", new byte[3000]);
    read("f");
    data();
    assertFalse(stack.ports.isFree(Packets.GATEWAY, serverPort));
    server.close();
    assertTrue(stack.ports.isFree(Packets.GATEWAY, serverPort));
    assertTrue(stack.ports.isFree(Packets.GATEWAY, 69));
  }

  @Test
  void hostile_packets_never_throw_and_never_open_more_than_the_bound() {
    files.put("f", new byte[3000]);
    Frame request = Frame.unpooled(200);
    TftpPacket.emit(
        request, new TftpPacket.Request(false, "f", "octet", Map.of("blksize", "1024")));
    Random ports = new Random(1);
    Fuzz.hostile(
        900,
        10_000,
        request.toByteArray(),
        packet -> {
          int sport = 1 + ports.nextInt(60_000);
          stack.guest(Packets.udp(Packets.GUEST, sport, Packets.GATEWAY, 69, packet));
          stack.link.clear();
        });
    assertTrue(server.size() <= TftpServer.MOST_SESSIONS);
    assertTrue(openFiles <= TftpServer.MOST_SESSIONS);
  }
}
