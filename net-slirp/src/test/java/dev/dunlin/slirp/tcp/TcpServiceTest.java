package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Services inside the process, as a guest meets them. */
final class TcpServiceTest {
  private final TcpScript script = new TcpScript();
  private final List<String> heard = new ArrayList<>();

  /** Sends back what comes, from within the call that brings it. */
  private class Echo implements TcpService.Session {
    private final TcpService.Stream stream;

    Echo(TcpService.Stream stream) {
      this.stream = stream;
    }

    @Override
    public int receive(ByteBuffer bytes, long now) {
      return stream.write(bytes, now);
    }

    @Override
    public void drained(long now) {
      stream.resume(now);
    }

    @Override
    public void end(long now) {
      heard.add("end");
      stream.close(now);
    }

    @Override
    public void closed(long now) {
      heard.add("closed");
    }
  }

  private void bind(TcpService service) {
    script.stack.destinations.bind(
        Packets.OUTSIDE, TcpScript.PORT, TcpServiceHost.connector(service));
  }

  private void bindEcho() {
    bind((stream, guest, port, now) -> new Echo(stream));
  }

  @Test
  void echo_comes_back_and_both_ends_close() {
    bindEcho();
    script.connectPlain();
    script.guest("PA 1:101(100) ack 1");
    script.expect("PA 1:101(100) ack 101");
    script.guest("FA 101:101(0) ack 101");
    script.expect("FA 101:101(0) ack 102");
    script.guest("A 102:102(0) ack 102");
    assertEquals(List.of("end", "closed"), heard);
    assertEquals(List.of(), script.hosts);
    script.end();
  }

  @Test
  void service_whose_guest_reads_nothing_stops_reading_itself() {
    bindEcho();
    script.guest("S 0:0(0) win 1000 <mss 1460>");
    script.next();
    script.guest("A 1:1(0) ack 1 win 0");
    int at = 1;
    int window = 65_535;
    while (window >= 1000 && at < 10_000_000) {
      script.guest("A " + at + ":" + (at + 1000) + "(1000) ack 1 win 0");
      script.passMillis(50);
      while (script.waiting() > 0) {
        window = script.next().window();
      }
      at += 1000;
    }
    assertTrue(window < 1000, "the window closes");
    assertTrue(at < TcpServiceHost.MOST_QUEUED + (1 << 20), "after " + at);
    script.end();
  }

  @Test
  void service_that_speaks_first_is_heard() {
    bind(
        (stream, guest, port, now) -> {
          stream.write(ByteBuffer.wrap(new byte[] {Pattern.at(0), Pattern.at(1)}), now);
          stream.close(now);
          return new Echo(stream);
        });
    script.guest("S 0:0(0) win 65535 <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1");
    script.expect("FPA 1:3(2) ack 1");
    script.end();
    assertEquals(List.of("closed"), heard);
  }

  @Test
  void service_that_resets_is_a_reset_to_the_guest() {
    bind(
        (stream, guest, port, now) ->
            new Echo(stream) {
              @Override
              public int receive(ByteBuffer bytes, long now2) {
                stream.reset(now2);
                return 0;
              }
            });
    script.connectPlain();
    script.guest("PA 1:101(100) ack 1");
    assertTrue((script.next().flags() & dev.dunlin.slirp.wire.TcpView.RST) != 0);
    assertEquals(List.of("closed"), heard);
    script.end();
  }

  @Test
  void service_that_resets_while_it_is_opened_is_a_reset() {
    bind(
        (stream, guest, port, now) -> {
          stream.reset(now);
          return new Echo(stream);
        });
    script.guest("S 0:0(0) win 65535 <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1");
    script.expect("RA 1:1(0) ack 1");
    assertEquals(List.of("closed"), heard);
    script.end();
  }

  /** Fact 10 of what is easily missed. */
  @Test
  void service_begins_at_the_guests_ack_and_not_at_its_syn() {
    bind(
        (stream, guest, port, now) -> {
          heard.add("open for " + guest + ":" + port);
          return new Echo(stream);
        });
    script.guest("S 0:0(0) win 65535 <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    assertEquals(List.of(), heard);
    script.guest("A 1:1(0) ack 1");
    assertEquals(List.of("open for 10.0.2.15:40000"), heard);
    script.end();
  }

  @Test
  void reset_of_the_guest_ends_the_session() {
    bindEcho();
    script.connectPlain();
    script.guest("R 1:1(0)");
    assertEquals(List.of("closed"), heard);
    script.end();
  }

  @Test
  void other_ports_of_the_address_go_to_sockets() {
    script.stack.destinations.bind(
        IpAddr.parse("10.0.2.3"), 53, TcpServiceHost.connector((s, g, p, now) -> new Echo(s)));
    script.connectPlain();
    assertEquals(1, script.hosts.size());
    script.end();
  }
}
