package dev.dunlin.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.testing.Fuzz;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class DhcpMessageTest {

  private static DhcpMessage sample(int options, SplittableRandom random) {
    DhcpMessage message = new DhcpMessage();
    message.op = DhcpMessage.BOOT_REQUEST;
    message.xid = random.nextInt();
    message.secs = random.nextInt(0x10000);
    message.flags = random.nextBoolean() ? DhcpMessage.FLAG_BROADCAST : 0;
    message.clientAddress = random.nextInt();
    Mac.write(ByteBuffer.wrap(message.hardwareAddress), 0, 0x525400123456L);
    message.setBootFile("pxe/boot.efi");
    for (int i = 0; i < options; i++) {
      byte[] value = new byte[random.nextInt(12) == 0 ? random.nextInt(600) : random.nextInt(20)];
      random.nextBytes(value);
      int option = 1 + random.nextInt(254);
      if (option != DhcpOption.OVERLOAD) {
        message.options.put(option, value);
      }
    }
    return message;
  }

  private static DhcpMessage parsed(byte[] packet) {
    Optional<DhcpMessage> message = DhcpMessage.parse(ByteBuffer.wrap(packet), 0, packet.length);
    assertTrue(message.isPresent());
    return message.get();
  }

  @Test
  void emitted_messages_parse_back_to_themselves() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 500; i++) {
      DhcpMessage message = sample(random.nextInt(10), random);
      DhcpMessage back = parsed(message.emit(9000));
      assertEquals(message.xid, back.xid);
      assertEquals(message.flags, back.flags);
      assertEquals(message.clientAddress, back.clientAddress);
      assertEquals(message.mac(), back.mac());
      assertArrayEquals(message.bootFile, back.bootFile);
      assertEquals(message.options, back.options);
      assertArrayEquals(message.emit(9000), back.emit(9000));
    }
  }

  @Test
  void short_messages_are_padded_to_three_hundred_bytes() {
    assertEquals(300, sample(0, new SplittableRandom(1)).emit(576).length);
  }

  @Test
  void long_options_are_split_and_joined_as_rfc_3396_says() {
    byte[] routes = new byte[700];
    new SplittableRandom(5).nextBytes(routes);
    DhcpMessage message = new DhcpMessage();
    message.options.put(DhcpOption.CLASSLESS_ROUTES, routes);
    byte[] packet = message.emit(2000);
    assertEquals(255, packet[241] & 255);
    assertEquals(255, packet[241 + 257] & 255);
    assertArrayEquals(
        routes, parsed(packet).options.bytes(DhcpOption.CLASSLESS_ROUTES).orElseThrow());
  }

  @Test
  void options_that_do_not_fit_overflow_into_file_and_sname() {
    DhcpMessage message = new DhcpMessage();
    for (int option = 200; option < 206; option++) {
      byte[] value = new byte[50];
      Arrays.fill(value, (byte) option);
      message.options.put(option, value);
    }
    byte[] packet = message.emit(400);
    assertTrue(packet.length <= 400);
    DhcpMessage back = parsed(packet);
    for (int option = 200; option < 206; option++) {
      assertTrue(back.options.has(option), "option " + option);
    }
    assertTrue(back.options.has(DhcpOption.OVERLOAD));
  }

  /** What a hostile client says of its fields: option 52 (RFC 2132 section 9.3). */
  @Test
  void overload_that_lies_reads_no_further_than_the_fields_and_never_again() {
    DhcpMessage message = new DhcpMessage();
    message.op = DhcpMessage.BOOT_REQUEST;
    byte[] packet = message.emit(300);
    int options = 240;
    int file = 108;
    int sname = 44;
    for (int overload : new int[] {1, 2, 3, 4, 255}) {
      byte[] lying = packet.clone();
      lying[options] = DhcpOption.OVERLOAD;
      lying[options + 1] = 1;
      lying[options + 2] = (byte) overload;
      lying[options + 3] = (byte) 255;
      // No end in the fields, a length that passes theirs, and overload within them.
      Arrays.fill(lying, sname, file + 128, (byte) 0);
      lying[file] = DhcpOption.OVERLOAD;
      lying[file + 1] = 1;
      lying[file + 2] = 3;
      lying[file + 126] = 12;
      lying[file + 127] = (byte) 200;
      lying[sname + 62] = 12;
      lying[sname + 63] = (byte) 200;
      Optional<DhcpMessage> read = DhcpMessage.parse(ByteBuffer.wrap(lying), 0, lying.length);
      assertFalse(read.orElseThrow().options.has(12), "overload " + overload);
    }
  }

  @Test
  void boot_file_keeps_its_field_when_options_overflow() {
    DhcpMessage message = new DhcpMessage();
    message.setBootFile("kernel");
    for (int option = 200; option < 206; option++) {
      message.options.put(option, new byte[50]);
    }
    DhcpMessage back = parsed(message.emit(300));
    assertEquals("kernel", new String(back.bootFile, java.nio.charset.StandardCharsets.US_ASCII));
    assertTrue(back.options.has(200));
    assertFalse(back.options.has(205));
  }

  @Test
  void options_zero_and_255_are_markers() {
    byte[] packet = new DhcpMessage().emit(300);
    packet[240] = 0;
    packet[241] = 0;
    packet[242] = 53;
    packet[243] = 1;
    packet[244] = 1;
    packet[245] = (byte) 255;
    packet[246] = 12;
    packet[247] = 1;
    packet[248] = 'x';
    DhcpMessage message = parsed(packet);
    assertEquals(DhcpMessage.DISCOVER, message.type());
    assertFalse(message.options.has(12));
  }

  @Test
  void option_whose_length_passes_the_end_stops_the_walk() {
    byte[] packet = Arrays.copyOf(new DhcpMessage().emit(300), 246);
    packet[240] = 53;
    packet[241] = 1;
    packet[242] = 3;
    packet[243] = 12;
    packet[244] = (byte) 200;
    DhcpMessage message = parsed(packet);
    assertEquals(DhcpMessage.REQUEST, message.type());
    assertFalse(message.options.has(12));
  }

  @Test
  void missing_end_marker_is_tolerated() {
    byte[] packet = Arrays.copyOf(new DhcpMessage().emit(300), 243);
    packet[240] = 53;
    packet[241] = 1;
    packet[242] = 8;
    assertEquals(DhcpMessage.INFORM, parsed(packet).type());
  }

  @Test
  void message_shorter_than_its_fixed_part_is_refused() {
    byte[] packet = new DhcpMessage().emit(300);
    assertTrue(DhcpMessage.parse(ByteBuffer.wrap(packet), 0, 235).isEmpty());
    DhcpMessage bootp = DhcpMessage.parse(ByteBuffer.wrap(packet), 0, 236).orElseThrow();
    assertFalse(bootp.cookie);
    assertEquals(0, bootp.type());
  }

  @Test
  void hardware_length_above_sixteen_is_refused() {
    byte[] packet = new DhcpMessage().emit(300);
    packet[2] = (byte) 255;
    assertTrue(DhcpMessage.parse(ByteBuffer.wrap(packet), 0, packet.length).isEmpty());
  }

  @Test
  void hostile_messages_never_throw() {
    byte[] valid = sample(9, new SplittableRandom(3)).emit(1400);
    Fuzz.hostile(
        100,
        20_000,
        valid,
        packet ->
            DhcpMessage.parse(ByteBuffer.wrap(packet), 0, packet.length)
                .ifPresent(message -> message.emit(576)));
  }
}
