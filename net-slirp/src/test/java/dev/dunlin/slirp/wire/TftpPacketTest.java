package dev.dunlin.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.testing.Fuzz;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TftpPacketTest {

  private static Optional<TftpPacket> parse(String text) {
    return TftpPacket.parse(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private static void assertRoundTrip(TftpPacket packet) {
    Frame frame = Frame.unpooled(600);
    TftpPacket.emit(frame, packet);
    assertEquals(Optional.of(packet), TftpPacket.parse(frame.slice(frame.start(), frame.length())));
  }

  @Test
  void every_kind_round_trips() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("blksize", "1428");
    options.put("tsize", "0");
    assertRoundTrip(new TftpPacket.Request(false, "pxelinux.0", "octet", options));
    assertRoundTrip(new TftpPacket.Request(true, "x", "netascii", Map.of()));
    assertRoundTrip(new TftpPacket.Data(65535, ByteBuffer.wrap(new byte[] {1, 2, 3})));
    assertRoundTrip(new TftpPacket.Data(1, ByteBuffer.wrap(new byte[0])));
    assertRoundTrip(new TftpPacket.Ack(40000));
    assertRoundTrip(new TftpPacket.Failure(TftpPacket.ERROR_NOT_FOUND, "File not found"));
    assertRoundTrip(new TftpPacket.OptionAck(options));
  }

  @Test
  void request_without_nul_or_without_mode_is_refused() {
    assertTrue(parse("\0\1name").isEmpty());
    assertTrue(parse("\0\1name\0octet").isEmpty());
    assertTrue(parse("\0\1name\0").isEmpty());
    assertTrue(parse("\0\1").isEmpty());
  }

  @Test
  void mode_and_option_names_ignore_case_and_unfinished_pairs() {
    TftpPacket packet = parse("\0\1n\0OCTET\0BLKSIZE\0001024\0tsize\0").orElseThrow();
    assertEquals(new TftpPacket.Request(false, "n", "octet", Map.of("blksize", "1024")), packet);
  }

  @Test
  void options_are_bounded() {
    StringBuilder text = new StringBuilder("\0\1n\0octet\0");
    for (int i = 0; i < 100; i++) {
      text.append('o').append(i).append('\0').append('v').append('\0');
    }
    TftpPacket.Request request = (TftpPacket.Request) parse(text.toString()).orElseThrow();
    assertEquals(TftpPacket.MOST_OPTIONS, request.options().size());
  }

  @Test
  void hostile_packets_never_throw() {
    byte[] valid =
        "\0\1pxelinux.0\0octet\0blksize\0001428\0tsize\0000\0"
            .getBytes(StandardCharsets.ISO_8859_1);
    Fuzz.hostile(300, 20_000, valid, packet -> TftpPacket.parse(ByteBuffer.wrap(packet)));
  }
}
