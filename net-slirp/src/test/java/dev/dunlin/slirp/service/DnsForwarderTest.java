package dev.dunlin.slirp.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.testing.Parsed;
import dev.dunlin.slirp.testing.TestStack;
import dev.dunlin.slirp.wire.DnsMessage;
import dev.dunlin.slirp.wire.DnsName;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.Fuzz;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DnsForwarderTest {
  private static final Resolver ONE = Resolver.of("192.0.2.53");
  private static final Resolver TWO = Resolver.of("2001:db8::53");

  private final TestStack stack = new TestStack();
  private final List<Asked> exchanges = new ArrayList<>();
  private List<Resolver> resolvers = List.of(ONE, TWO);
  private RebindingGuard guard = RebindingGuard.off();
  private DnsForwarder forwarder = serve();

  private DnsForwarder serve() {
    stack.ports.unbind(Packets.DNS, 53);
    forwarder =
        new DnsForwarder(
            now -> resolvers,
            new Transport(),
            guard,
            stack.pool,
            stack.udpOutput,
            new Random(9),
            stack.drops);
    stack.ports.bind(Packets.DNS, 53, forwarder);
    return forwarder;
  }

  /** What was asked, and the way to answer it. */
  private static final class Asked {
    final Resolver resolver;
    final byte[] query;
    final boolean tcp;
    final ResolverTransport.Listener listener;
    boolean closed;

    Asked(Resolver to, byte[] query, boolean tcp, ResolverTransport.Listener listener) {
      this.resolver = to;
      this.query = query;
      this.tcp = tcp;
      this.listener = listener;
    }
  }

  private final class Transport implements ResolverTransport {
    @Override
    public Exchange udp(Resolver resolver, byte[] query, Listener listener) {
      return open(resolver, query, false, listener);
    }

    @Override
    public Exchange tcp(Resolver resolver, byte[] query, Listener listener) {
      return open(resolver, query, true, listener);
    }

    private Exchange open(Resolver resolver, byte[] query, boolean tcp, Listener listener) {
      Asked opened = new Asked(resolver, query, tcp, listener);
      exchanges.add(opened);
      return () -> opened.closed = true;
    }
  }

  @AfterEach
  void nothing_leaks() {
    forwarder.close();
    assertTrue(exchanges.stream().allMatch(exchange -> exchange.closed), "exchanges closed");
    assertEquals(Timed.IDLE, forwarder.delay(stack.now()));
    stack.assertNothingLeaks();
  }

  private static byte[] query(int id, String name, int ednsSize) {
    ByteBuffer out = ByteBuffer.allocate(600);
    out.putShort((short) id).putShort((short) 0x0100).putShort((short) 1).putInt(0);
    out.putShort((short) (ednsSize > 0 ? 1 : 0));
    out.put(DnsName.encodeAll(List.of(name))).putShort((short) 1).putShort((short) 1);
    if (ednsSize > 0) {
      out.put((byte) 0).putShort((short) 41).putShort((short) ednsSize);
      out.putInt(0).putShort((short) 0);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** The answer to {@code query}: a response code and addresses. */
  private static byte[] answer(byte[] query, int code, String... addresses) {
    int end = DnsName.read(ByteBuffer.wrap(query), 0, query.length, 12).orElseThrow().next() + 4;
    ByteBuffer out = ByteBuffer.allocate(70_000);
    out.put(query, 0, end);
    out.putShort(2, (short) (0x8180 | code)).putShort(6, (short) addresses.length);
    out.putShort(10, (short) 0);
    for (String address : addresses) {
      byte[] raw = IpAddr.parse(address).toBytes();
      out.putShort((short) 0xc00c).putShort((short) (raw.length == 4 ? 1 : 28));
      out.putShort((short) 1).putInt(60).putShort((short) raw.length).put(raw);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private void ask(int port, byte[] query) {
    stack.guest(Packets.udp(Packets.GUEST, port, Packets.DNS, 53, query));
  }

  private Asked last() {
    return exchanges.get(exchanges.size() - 1);
  }

  private DnsMessage reply() {
    Parsed packet = stack.link.only().udp();
    assertEquals(Packets.DNS, packet.source());
    assertEquals(53, packet.udp.sourcePort());
    return DnsMessage.parse(packet.udpPayload()).orElseThrow();
  }

  private void pass(Duration duration) {
    long end = stack.now() + duration.toNanos();
    while (forwarder.delay(stack.now()) <= end - stack.now()) {
      stack.clock.advanceNanos(forwarder.delay(stack.now()));
      forwarder.onTime(stack.now());
    }
    stack.clock.advanceNanos(end - stack.now());
  }

  @Test
  void query_travels_under_another_id_and_its_answer_under_the_guests() {
    byte[] query = query(0x1111, "example.org", 1232);
    ask(4000, query);
    assertEquals(ONE, last().resolver);
    assertNotEquals(0x1111, DnsMessage.parse(last().query).orElseThrow().id());
    assertArrayEquals(
        query, DnsMessage.parse(last().query).orElseThrow().withId(0x1111), "nothing else changed");
    last().listener.answered(answer(last().query, 0, "93.184.216.34"), stack.now());
    DnsMessage reply = reply();
    assertEquals(0x1111, reply.id());
    assertTrue(reply.anyAddress(Packets.OUTSIDE::equals));
    assertTrue(last().closed);
    assertEquals(0, forwarder.size());
  }

  @Test
  void answer_with_another_id_or_question_or_no_response_is_ignored() {
    ask(4000, query(1, "example.org", 0));
    byte[] good = answer(last().query, 0, "93.184.216.34");
    byte[] otherId = good.clone();
    otherId[0] ^= 1;
    byte[] query = last().query;
    byte[] otherName = answer(query(DnsMessage.parse(query).orElseThrow().id(), "evil.org", 0), 0);
    byte[] notAnswer = good.clone();
    notAnswer[2] &= 0x7f;
    for (byte[] bad : List.of(otherId, otherName, notAnswer, new byte[5], new byte[0])) {
      last().listener.answered(bad, stack.now());
    }
    stack.link.assertSilent();
    stack.assertDropped(DropReason.DNS_UNMATCHED, 5);
    last().listener.answered(good, stack.now());
    assertEquals(1, reply().id());
  }

  @Test
  void name_in_another_case_is_the_same_question() {
    ask(4000, query(1, "eXaMple.ORG", 0));
    byte[] answer = answer(last().query, 0, "93.184.216.34");
    for (int i = 13; i < 20; i++) {
      answer[i] = (byte) Character.toLowerCase(answer[i]);
    }
    last().listener.answered(answer, stack.now());
    assertEquals(1, reply().id());
  }

  @Test
  void silent_resolver_is_followed_by_the_next_and_its_late_answer_still_counts() {
    ask(4000, query(1, "example.org", 0));
    pass(Duration.ofMillis(1499));
    assertEquals(1, exchanges.size());
    pass(Duration.ofMillis(1));
    assertEquals(TWO, last().resolver);
    exchanges.get(0).listener.answered(answer(exchanges.get(0).query, 0), stack.now());
    assertEquals(1, reply().id());
    assertTrue(exchanges.get(1).closed);
  }

  @Test
  void unreachable_resolver_is_left_at_once() {
    ask(4000, query(1, "example.org", 0));
    last().listener.failed(stack.now());
    assertEquals(2, exchanges.size());
    last().listener.failed(stack.now());
    assertEquals(DnsMessage.SERVFAIL, reply().responseCode());
  }

  @Test
  void refusing_resolver_is_followed_by_the_next() {
    ask(4000, query(1, "example.org", 0));
    last().listener.answered(answer(last().query, DnsMessage.REFUSED), stack.now());
    assertEquals(TWO, last().resolver);
    last().listener.answered(answer(last().query, 0, "93.184.216.34"), stack.now());
    assertEquals(0, reply().responseCode());
  }

  @Test
  void when_all_fail_the_guest_gets_what_they_said() {
    ask(4000, query(7, "example.org", 0));
    last().listener.answered(answer(last().query, DnsMessage.REFUSED), stack.now());
    last().listener.failed(stack.now());
    DnsMessage reply = reply();
    assertEquals(DnsMessage.REFUSED, reply.responseCode());
    assertEquals(7, reply.id());
  }

  @Test
  void nonexistent_name_is_an_answer_and_not_a_failure() {
    ask(4000, query(1, "nope.example.org", 0));
    last().listener.answered(answer(last().query, 3), stack.now());
    assertEquals(3, reply().responseCode());
    assertEquals(1, exchanges.size());
  }

  @Test
  void silence_of_all_ends_in_servfail_after_two_rounds() {
    ask(4000, query(1, "example.org", 0));
    pass(Duration.ofMillis(5999));
    assertEquals(4, exchanges.size());
    stack.link.assertSilent();
    pass(Duration.ofMillis(1));
    assertEquals(DnsMessage.SERVFAIL, reply().responseCode());
  }

  @Test
  void repeated_query_hurries_to_the_next_resolver_and_is_answered_once() {
    ask(4000, query(1, "example.org", 0));
    ask(4000, query(1, "example.org", 0));
    assertEquals(2, exchanges.size());
    assertEquals(TWO, last().resolver);
    exchanges.forEach(
        exchange -> exchange.listener.answered(answer(exchange.query, 0), stack.now()));
    assertEquals(1, reply().id());
    ask(4000, query(1, "example.org", 0));
    assertEquals(3, exchanges.size(), "asked anew once answered");
    forwarder.close();
  }

  @Test
  void resolvers_are_taken_afresh_for_every_query() {
    ask(4000, query(1, "example.org", 0));
    last().listener.answered(answer(last().query, 0), stack.now());
    resolvers = List.of(TWO);
    ask(4000, query(2, "example.org", 0));
    assertEquals(TWO, last().resolver);
    stack.link.clear();
  }

  @Test
  void answer_longer_than_the_guest_takes_is_truncated() {
    String[] many = new String[60];
    Arrays.fill(many, "93.184.216.34");
    ask(4000, query(1, "example.org", 0));
    last().listener.answered(answer(last().query, 0, many), stack.now());
    DnsMessage small = reply();
    assertTrue(small.isTruncated());
    assertTrue(small.length() <= 512);
    ask(4000, query(2, "example.org", 1232));
    last().listener.answered(answer(last().query, 0, many), stack.now());
    assertFalse(reply().isTruncated());
  }

  @Test
  void truncated_answer_is_passed_on_so_that_the_guest_asks_over_tcp() {
    ask(4000, query(1, "example.org", 0));
    byte[] cut = answer(last().query, 0);
    cut[2] |= 2;
    last().listener.answered(cut, stack.now());
    assertTrue(reply().isTruncated());
  }

  @Test
  void sixty_four_kibibyte_answer_with_edns_65535_is_carried_in_fragments() {
    String[] many = new String[4000];
    Arrays.fill(many, "93.184.216.34");
    ask(4000, query(1, "example.org", 65_535));
    last().listener.answered(answer(last().query, 0, many), stack.now());
    assertTrue(stack.link.size() > 40);
    stack.link.clear();
  }

  @Test
  void queries_under_way_are_bounded_and_the_oldest_is_told() {
    for (int i = 0; i < DnsForwarder.MOST_QUERIES + 3; i++) {
      ask(1000 + i, query(i, "example.org", 0));
    }
    assertEquals(DnsForwarder.MOST_QUERIES, forwarder.size());
    stack.assertDropped(DropReason.DNS_BOUND, 3);
    assertEquals(3, stack.link.size());
    assertEquals(0, DnsMessage.parse(stack.link.next().udp().udpPayload()).orElseThrow().id());
    stack.link.clear();
  }

  @Test
  void responses_and_garbage_from_the_guest_are_dropped() {
    byte[] response = query(1, "example.org", 0);
    response[2] |= (byte) 0x80;
    ask(4000, response);
    ask(4000, new byte[11]);
    ask(4000, new byte[0]);
    stack.assertDropped(DropReason.DNS_MALFORMED, 3);
    assertTrue(exchanges.isEmpty());
  }

  @Test
  void without_any_resolver_the_guest_gets_servfail() {
    resolvers = List.of();
    ask(4000, query(1, "example.org", 0));
    assertEquals(DnsMessage.SERVFAIL, reply().responseCode());
    stack.assertDropped(DropReason.DNS_NO_RESOLVER, 1);
  }

  // ---- rebinding ----

  @ParameterizedTest
  @CsvSource({
    "evil.example, 10.0.2.2, true",
    "evil.example, 127.0.0.1, true",
    "evil.example, 0.0.0.0, true",
    "evil.example, ::1, true",
    "evil.example, 169.254.169.254, true",
    "evil.example, 93.184.216.34, false",
    "evil.example, 192.168.1.9, false",
    "localhost, 127.0.0.1, false",
    "gw.lan, 10.0.2.2, false",
    "www.corp.example, 127.0.0.1, false",
  })
  void outside_name_for_an_inside_address_is_refused(String name, String address, boolean refused) {
    guard = RebindingGuard.standard(VirtualNet.standard(), Set.of("Corp.example"));
    serve();
    ask(4000, query(1, name, 0));
    last().listener.answered(answer(last().query, 0, "93.184.216.34", address), stack.now());
    assertEquals(refused ? DnsMessage.REFUSED : 0, reply().responseCode());
  }

  @Test
  void strict_guard_refuses_private_addresses_too() {
    guard = RebindingGuard.strict(VirtualNet.standard(), Set.of());
    serve();
    ask(4000, query(1, "evil.example", 0));
    last().listener.answered(answer(last().query, 0, "192.168.1.9"), stack.now());
    assertEquals(DnsMessage.REFUSED, reply().responseCode());
  }

  // ---- TCP ----

  private static final class TcpStream implements DnsTcpSession.Stream {
    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    boolean closed;

    @Override
    public void write(ByteBuffer bytes, long now) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      written.writeBytes(copy);
    }

    @Override
    public void close(long now) {
      closed = true;
    }
  }

  private final TcpStream stream = new TcpStream();

  private static byte[] framed(byte[]... messages) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      out.write(message.length >>> 8);
      out.write(message.length);
      out.writeBytes(message);
    }
    return out.toByteArray();
  }

  @Test
  void messages_are_cut_out_of_the_stream_wherever_it_breaks() {
    DnsTcpSessions sessions = new DnsTcpSessions(forwarder);
    DnsTcpSession session = sessions.open(stream, stack.now());
    for (byte octet : framed(query(1, "a.example", 0), query(2, "b.example", 0))) {
      assertEquals(1, session.receive(ByteBuffer.wrap(new byte[] {octet}), stack.now()));
    }
    assertEquals(2, exchanges.size());
    assertTrue(exchanges.get(0).tcp);
    byte[] second = answer(exchanges.get(1).query, 0, "93.184.216.34");
    byte[] first = answer(exchanges.get(0).query, 0);
    exchanges.get(1).listener.answered(second, stack.now());
    exchanges.get(0).listener.answered(first, stack.now());
    byte[] expected =
        framed(
            DnsMessage.parse(second).orElseThrow().withId(2),
            DnsMessage.parse(first).orElseThrow().withId(1));
    assertArrayEquals(expected, stream.written.toByteArray());
    session.end(stack.now());
    assertTrue(stream.closed);
    assertEquals(0, sessions.size());
  }

  @Test
  void half_closed_connection_gets_its_answers_first() {
    DnsTcpSession session = new DnsTcpSessions(forwarder).open(stream, stack.now());
    session.receive(ByteBuffer.wrap(framed(query(1, "a.example", 0))), stack.now());
    session.end(stack.now());
    assertFalse(stream.closed);
    last().listener.answered(answer(last().query, 0), stack.now());
    assertTrue(stream.closed);
    assertTrue(stream.written.size() > 12);
  }

  @Test
  void length_of_64_kib_and_then_nothing_ends_by_idle_time_and_takes_no_memory() {
    DnsTcpSessions sessions = new DnsTcpSessions(forwarder);
    DnsTcpSession session = sessions.open(stream, stack.now());
    session.receive(ByteBuffer.wrap(new byte[] {-1, -1, 0}), stack.now());
    assertEquals(DnsTcpSession.IDLE_TIME, sessions.delay(stack.now()));
    stack.clock.advanceNanos(DnsTcpSession.IDLE_TIME);
    sessions.onTime(stack.now());
    assertTrue(stream.closed);
  }

  @Test
  void zero_length_and_garbage_messages_close_the_connection() {
    DnsTcpSession session = new DnsTcpSessions(forwarder).open(stream, stack.now());
    session.receive(ByteBuffer.wrap(new byte[] {0, 0, 0, 5}), stack.now());
    assertTrue(stream.closed);
    TcpStream other = new TcpStream();
    DnsTcpSession garbage = new DnsTcpSessions(forwarder).open(other, stack.now());
    garbage.receive(ByteBuffer.wrap(framed(new byte[40])), stack.now());
    assertTrue(other.closed);
  }

  @Test
  void pipelined_questions_are_bounded_by_not_reading_on() {
    DnsTcpSession session = new DnsTcpSessions(forwarder).open(stream, stack.now());
    byte[][] many = new byte[20][];
    for (int i = 0; i < 20; i++) {
      many[i] = query(i, "a" + i + ".example", 0);
    }
    ByteBuffer input = ByteBuffer.wrap(framed(many));
    session.receive(input, stack.now());
    assertEquals(DnsTcpSession.MOST_OUTSTANDING, exchanges.size());
    assertFalse(session.isHungry());
    assertTrue(input.hasRemaining());
    exchanges.get(0).listener.answered(answer(exchanges.get(0).query, 0), stack.now());
    assertTrue(session.isHungry());
    session.receive(input, stack.now());
    assertEquals(17, exchanges.size());
    session.close(stack.now());
    assertEquals(0, forwarder.size());
  }

  @Test
  void connections_are_bounded_and_the_oldest_goes() {
    DnsTcpSessions sessions = new DnsTcpSessions(forwarder);
    sessions.open(stream, stack.now());
    for (int i = 0; i < DnsTcpSessions.MOST_SESSIONS; i++) {
      sessions.open(new TcpStream(), stack.now());
    }
    assertTrue(stream.closed);
    assertEquals(DnsTcpSessions.MOST_SESSIONS, sessions.size());
    sessions.close(stack.now());
    assertEquals(0, sessions.size());
  }

  @Test
  void answer_after_the_connection_is_gone_goes_nowhere() {
    DnsTcpSession session = new DnsTcpSessions(forwarder).open(stream, stack.now());
    session.receive(ByteBuffer.wrap(framed(query(1, "a.example", 0))), stack.now());
    session.close(stack.now());
    last().listener.answered(answer(last().query, 0), stack.now());
    assertEquals(0, stream.written.size());
    assertTrue(last().closed);
  }

  @Test
  void hostile_queries_and_answers_never_throw() {
    byte[] valid = query(77, "a.long.name.example.org", 1232);
    Fuzz.hostile(
        1000,
        5_000,
        valid,
        packet -> {
          ask(4000, packet);
          stack.link.clear();
        });
    forwarder.close();
    ask(4001, query(1, "example.org", 1232));
    Asked exchange = last();
    byte[] answer = answer(exchange.query, 0, "1.2.3.4", "::1");
    Fuzz.hostile(1100, 5_000, answer, packet -> exchange.listener.answered(packet, stack.now()));
    stack.link.clear();
  }
}
