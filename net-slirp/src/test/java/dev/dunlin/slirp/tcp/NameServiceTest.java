package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.slirp.service.DnsForwarder;
import dev.dunlin.slirp.service.DnsTcpService;
import dev.dunlin.slirp.service.DnsTcpSessions;
import dev.dunlin.slirp.service.RebindingGuard;
import dev.dunlin.slirp.service.Resolver;
import dev.dunlin.slirp.service.ResolverTransport;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.udp.UdpOutput;
import dev.dunlin.slirp.wire.DnsMessage;
import dev.dunlin.slirp.wire.DnsName;
import dev.dunlin.slirp.wire.TcpView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** DNS over TCP (RFC 7766) through the engine: the virtual name server as a guest meets it. */
final class NameServiceTest {
  private static final int QUERY = 29;
  private static final int ANSWER = QUERY + 16;

  private final TcpScript script = new TcpScript();
  private final List<Runnable> answers = new ArrayList<>();
  private final DnsTcpSessions sessions =
      new DnsTcpSessions(
          new DnsForwarder(
              now -> List.of(Resolver.of("192.0.2.53")),
              new Upstream(),
              RebindingGuard.off(),
              script.stack.pool,
              new UdpOutput(script.stack.output),
              new Random(1),
              script.stack.drops));

  /** Answers when the test says so, later than it was asked. */
  private final class Upstream implements ResolverTransport {
    @Override
    public Exchange udp(Resolver resolver, byte[] query, Listener listener) {
      return tcp(resolver, query, listener);
    }

    @Override
    public Exchange tcp(Resolver resolver, byte[] query, Listener listener) {
      ByteBuffer answer = ByteBuffer.allocate(query.length + 16);
      answer.put(query).putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1);
      answer.putInt(60).putShort((short) 4).putInt(Packets.OUTSIDE.v4());
      answer.putShort(2, (short) 0x8180).putShort(6, (short) 1);
      answers.add(() -> listener.answered(answer.array(), script.now()));
      return () -> {};
    }
  }

  private void connect() {
    script.checksText = false;
    script.remote = Packets.DNS;
    script.stack.destinations.bind(
        Packets.DNS, TcpScript.PORT, TcpServiceHost.connector(new DnsTcpService(sessions)));
    script.connectPlain();
  }

  private void ask(int at) {
    ByteBuffer query = ByteBuffer.allocate(2 + QUERY);
    query.putShort((short) QUERY);
    query.putShort((short) at).putShort((short) 0x100).putShort((short) 1).putInt(0);
    query.putShort((short) 0).put(DnsName.encodeAll(List.of("example.org")));
    query.putShort((short) DnsMessage.TYPE_A).putShort((short) 1);
    script.send(
        TcpScript.GUEST_INITIAL + at,
        script.ourInitial() + 1,
        TcpView.ACK | TcpView.PSH,
        0xffff,
        new byte[0],
        query.array());
  }

  @Test
  void question_over_tcp_is_answered_over_tcp() {
    connect();
    ask(1);
    script.expect("A 1:1(0) ack 32");
    script.passMillis(30);
    answers.remove(0).run();
    assertEquals(2 + ANSWER, script.expect("PA 1:48(47) ack 32").length());
    script.passMillis(150);
    script.expectSilence(); // the answer's timeout counts from when it was sent
    script.guest("FA 32:32(0) ack 48");
    script.expect("FA 48:48(0) ack 33");
    script.guest("A 33:33(0) ack 49");
    assertEquals(0, sessions.size());
    script.end();
  }

  @Test
  void answer_under_way_reaches_a_guest_that_has_finished_asking() {
    connect();
    ask(1);
    script.skip();
    script.guest("FA 32:32(0) ack 1");
    script.expect("A 1:1(0) ack 33");
    answers.remove(0).run();
    script.expect("PA 1:48(47) ack 33");
    script.expect("FA 48:48(0) ack 33");
    script.end();
  }

  @Test
  void sixteen_unanswered_questions_stop_the_stream_and_an_answer_resumes_it() {
    connect();
    for (int i = 0; i < 20; i++) {
      ask(1 + i * (2 + QUERY));
    }
    assertEquals(16, answers.size());
    script.skip();
    answers.get(0).run();
    assertEquals(17, answers.size());
    script.end();
    assertEquals(0, sessions.size());
  }
}
