package dev.dunlin.core.chardev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes are written as ISO 8859-1 text. */
final class TelnetTest {
  private static final String IAC = "\377";
  private static final String DONT = "\376";
  private static final String DO = "\375";
  private static final String WONT = "\374";
  private static final String WILL = "\373";

  @Test
  void the_greeting_offers_character_mode() {
    assertEquals(
        IAC + WILL + "\1" + IAC + WILL + "\3" + IAC + WILL + "\0" + IAC + DO + "\0",
        text(Telnet.greeting()));
  }

  @Test
  void protocol_is_taken_out_wherever_the_input_is_split() {
    String wire =
        "in"
            + IAC
            + DO
            + "\1fo"
            + IAC
            + IAC
            + "\r\0"
            + IAC
            + "\372\30x"
            + IAC
            + IAC
            + "y"
            + IAC
            + "\360 st"
            + IAC
            + "\361atus\r\nq\rz"
            + IAC
            + WILL
            + "\30";
    String expected = "info" + IAC + "\r status\rq\rz";
    for (int split = 0; split <= wire.length(); split++) {
      Telnet telnet = new Telnet();
      ByteArrayOutputStream replies = new ByteArrayOutputStream();
      String data =
          decode(telnet, wire.substring(0, split), replies)
              + decode(telnet, wire.substring(split), replies);
      assertEquals(expected, data, "split at " + split);
      assertEquals(IAC + DONT + "\30", text(replies.toByteArray()), "split at " + split);
    }
  }

  @Test
  void an_offer_is_refused_once_and_a_refusal_never() {
    ByteArrayOutputStream replies = new ByteArrayOutputStream();
    Telnet telnet = new Telnet();
    decode(telnet, IAC + DO + "\30" + IAC + DONT + "\30" + IAC + WONT + "\30", replies);
    assertEquals(IAC + WONT + "\30", text(replies.toByteArray()));
  }

  @Test
  void output_doubles_255() {
    assertArrayEquals(bytes("a" + IAC + IAC + "b"), Telnet.encode(bytes("a" + IAC + "b")));
  }

  @Test
  void what_is_encoded_comes_out_again() {
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      byte[] plain = new byte[random.nextInt(50)];
      random.nextBytes(plain);
      String text = text(plain).replace("\r", "");
      assertEquals(
          text,
          decode(new Telnet(), text(Telnet.encode(bytes(text))), new ByteArrayOutputStream()));
    }
  }

  @Test
  void random_bytes_never_throw_and_never_grow() {
    Random random = new Random(4);
    Telnet telnet = new Telnet();
    for (int i = 0; i < 2_000; i++) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      for (int k = 0; k < noise.length; k++) {
        noise[k] = random.nextBoolean() ? noise[k] : (byte) (240 + random.nextInt(16));
      }
      ByteArrayOutputStream replies = new ByteArrayOutputStream();
      ByteBuffer data = telnet.decode(ByteBuffer.wrap(noise), replies);
      assertTrue(data.remaining() <= noise.length);
      assertTrue(replies.size() <= noise.length + 2);
    }
  }

  private static String decode(Telnet telnet, String wire, ByteArrayOutputStream replies) {
    ByteBuffer data = telnet.decode(ByteBuffer.wrap(bytes(wire)), replies);
    return StandardCharsets.ISO_8859_1.decode(data).toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
