package dev.dunlin.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Fuzz;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DnsMessageTest {

  static byte[] query(int id, String name, int type, int ednsSize) {
    ByteBuffer out = ByteBuffer.allocate(600);
    out.putShort((short) id).putShort((short) 0x0100).putShort((short) 1).putInt(0);
    out.putShort((short) (ednsSize > 0 ? 1 : 0));
    out.put(DnsName.encodeAll(List.of(name))).putShort((short) type).putShort((short) 1);
    if (ednsSize > 0) {
      out.put((byte) 0)
          .putShort((short) 41)
          .putShort((short) ednsSize)
          .putInt(0)
          .putShort((short) 0);
    }
    return java.util.Arrays.copyOf(out.array(), out.position());
  }

  private static DnsMessage parsed(byte[] message) {
    return DnsMessage.parse(message).orElseThrow();
  }

  @Test
  void header_and_question_are_read() {
    DnsMessage message = parsed(query(0xbeef, "WWW.Example.org", DnsMessage.TYPE_AAAA, 0));
    assertEquals(0xbeef, message.id());
    assertEquals("www.example.org", message.name());
    assertEquals(DnsMessage.TYPE_AAAA, message.type());
    assertEquals(1, message.questionClass());
    assertFalse(message.isResponse());
  }

  @Test
  void changing_the_id_changes_nothing_else() {
    byte[] query = query(1, "example.org", 1, 1232);
    byte[] other = parsed(query).withId(0xfffe);
    assertEquals(0xfffe, parsed(other).id());
    assertArrayEquals(query, parsed(other).withId(1));
  }

  @Test
  void udp_limit_comes_from_edns_and_is_at_least_512() {
    assertEquals(512, parsed(query(1, "example.org", 1, 0)).udpLimit());
    assertEquals(1232, parsed(query(1, "example.org", 1, 1232)).udpLimit());
    assertEquals(65535, parsed(query(1, "example.org", 1, 65535)).udpLimit());
    assertEquals(512, parsed(query(1, "example.org", 1, 100)).udpLimit());
  }

  @Test
  void truncated_answer_keeps_header_and_question_and_sets_tc() {
    byte[] answer = query(9, "example.org", 1, 1232);
    answer[2] |= (byte) 0x80;
    DnsMessage cut = parsed(parsed(answer).truncated());
    assertTrue(cut.isTruncated() && cut.isResponse());
    assertEquals("example.org", cut.name());
    assertEquals(12 + 13 + 4, cut.length());
  }

  @Test
  void failure_answers_the_same_question() {
    DnsMessage query = parsed(query(5, "example.org", 1, 0));
    DnsMessage failure = parsed(query.failure(DnsMessage.SERVFAIL));
    assertTrue(failure.isResponse() && failure.answers(query));
    assertEquals(DnsMessage.SERVFAIL, failure.responseCode());
    assertEquals(5, failure.id());
  }

  @Test
  void compression_loop_ends_the_walk() {
    byte[] message = query(1, "a", 1, 0);
    message[12] = (byte) 0xc0;
    message[13] = 12;
    assertTrue(DnsMessage.parse(message).isEmpty());
  }

  @Test
  void two_pointers_at_each_other_end_the_walk() {
    ByteBuffer bytes = ByteBuffer.allocate(32);
    bytes.putShort(14, (short) 0xc010).putShort(16, (short) 0xc00e);
    assertTrue(DnsName.read(bytes, 0, 32, 16).isEmpty());
    assertTrue(DnsName.read(bytes, 0, 32, 14).isEmpty());
  }

  @Test
  void pointer_to_an_earlier_name_is_followed_once() {
    ByteBuffer bytes = ByteBuffer.allocate(40);
    bytes.put(DnsName.encodeAll(List.of("mail.example.org", "www.example.org")));
    DnsName.Parsed second = DnsName.read(bytes, 0, 40, 18).orElseThrow();
    assertEquals("www.example.org", second.name());
    assertEquals(24, second.next());
  }

  @Test
  void name_longer_than_255_bytes_is_refused() {
    ByteBuffer bytes = ByteBuffer.allocate(400);
    for (int i = 0; i < 6; i++) {
      bytes.put((byte) 63).put(new byte[63]);
    }
    assertTrue(DnsName.read(bytes, 0, 400, 0).isEmpty());
  }

  @Test
  void strange_bytes_in_labels_stay_distinguishable() {
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {4, 'a', '.', 0, 'b', 0});
    assertEquals("a\\.\\000b", DnsName.read(bytes, 0, 6, 0).orElseThrow().name());
  }

  @Test
  void search_domain_ending_in_two_dots_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> DnsName.encodeAll(List.of("example..")));
    assertThrows(IllegalArgumentException.class, () -> DnsName.encodeAll(List.of("a..b")));
    assertThrows(IllegalArgumentException.class, () -> DnsName.encodeAll(List.of("")));
    assertThrows(
        IllegalArgumentException.class, () -> DnsName.encodeAll(List.of("x".repeat(64) + ".org")));
    assertArrayEquals(
        DnsName.encodeAll(List.of("example.org")), DnsName.encodeAll(List.of("example.org.")));
  }

  @Test
  void messages_with_no_or_two_questions_are_refused() {
    byte[] query = query(1, "a.b", 1, 0);
    query[5] = 2;
    assertTrue(DnsMessage.parse(query).isEmpty());
    query[5] = 0;
    assertTrue(DnsMessage.parse(query).isEmpty());
    query[2] |= (byte) 0x80;
    assertTrue(DnsMessage.parse(query).isPresent(), "an error response may have none");
  }

  @Test
  void hostile_messages_never_throw() {
    Fuzz.hostile(
        200,
        20_000,
        query(77, "a.very.long.name.example.org", 1, 1232),
        packet ->
            DnsMessage.parse(packet)
                .ifPresent(
                    message -> {
                      message.udpLimit();
                      message.anyAddress(IpAddr::isLoopback);
                      assertTrue(DnsMessage.parse(message.truncated()).isPresent());
                    }));
  }
}
