package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.TcpView;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Bounds of the table, and who goes at them; keepalive, which clears it of the dead. */
final class LimitsTest {

  @Test
  void a_hundred_thousand_syns_keep_only_the_half_open_bound() {
    TcpScript script = new TcpScript();
    script.connectsAtOnce = false;
    for (int i = 0; i < 100_000; i++) {
      script.guestPort = 1 + i % 65_535;
      script.guest("S 0:0(0) <mss 1460>");
      script.skip();
    }
    assertEquals(512, script.stack.engine.size());
    assertEquals(512, script.hosts.stream().filter(host -> !host.wasReset).count());
    script.end();
  }

  @Test
  void oldest_half_open_connection_makes_room() {
    TcpScript script = new TcpScript(TcpConfig.standard().withFlows(10, 2), 1500);
    for (int i = 0; i < 3; i++) {
      script.guestPort++;
      script.guest("S 0:0(0) <mss 1460>");
      if (i == 2) {
        assertEquals(TcpView.RST | TcpView.ACK, script.next().flags());
      }
      script.expect("SA 0:0(0) ack 1");
    }
    assertTrue(script.hosts.get(0).wasReset);
    script.assertDropped(DropReason.TCP_BOUND, 1);
    assertEquals(2, script.stack.engine.size());
    script.end();
  }

  @Test
  void connections_in_use_refuse_a_new_one_and_an_idle_one_yields() {
    TcpScript script = new TcpScript(TcpConfig.standard().withFlows(3, 3), 1500);
    for (int i = 0; i < 3; i++) {
      script.guestPort++;
      script.connectPlain();
      script.passMillis(1000);
    }
    script.guestPort++;
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("RA 0:0(0) ack 1");
    assertEquals(3, script.hosts.size());
    script.pass(Duration.ofSeconds(58));
    script.guest("S 0:0(0) <mss 1460>");
    script.next();
    script.expect("SA 0:0(0) ack 1");
    assertTrue(script.hosts.get(0).wasReset);
    assertFalse(script.hosts.get(1).wasReset);
    script.end();
  }

  @Test
  void connection_in_time_wait_yields_first() {
    TcpScript script = new TcpScript(TcpConfig.standard().withFlows(2, 2), 1500);
    script.connectPlain();
    script.guestPort++;
    script.connectPlain();
    script.hostEnds();
    script.guest("FA 1:1(0) ack 2");
    script.skip();
    script.guestPort++;
    script.connectPlain();
    assertFalse(script.hosts.get(0).isOver());
    assertEquals(2, script.stack.engine.size());
    script.end();
  }

  // ---- keepalive: RFC 9293 section 3.8.4 ----

  @Test
  void silent_guest_is_probed_after_two_hours_and_given_up() {
    TcpScript script = new TcpScript();
    script.connectPlain();
    script.pass(Duration.ofHours(2));
    for (int i = 0; i < 9; i++) {
      script.expect("A 0:0(0) ack 1");
      script.expectSilence();
      script.pass(Duration.ofSeconds(75));
    }
    script.expect("RA 1:1(0) ack 1");
    assertTrue(script.host().wasReset);
    script.end();
  }

  @Test
  void guest_that_answers_a_probe_lives_on() {
    TcpScript script = new TcpScript();
    script.connectPlain();
    for (int day = 0; day < 12; day++) {
      script.pass(Duration.ofHours(2));
      script.expect("A 0:0(0) ack 1");
      script.guest("A 1:1(0) ack 1");
      script.expectSilence();
    }
    script.end();
  }

  @Test
  void probe_of_the_guests_is_answered() {
    TcpScript script = new TcpScript();
    script.connectPlain();
    script.guest("A 0:0(0) ack 1");
    script.expect("A 1:1(0) ack 1");
    script.guest("A 0:1(1) ack 1");
    script.expect("A 1:1(0) ack 1");
    assertEquals(0, script.host().received);
    script.end();
  }

  @Test
  void probes_may_be_switched_off() {
    TcpScript script = new TcpScript(TcpConfig.standard().withKeepalive(0, 0, 0), 1500);
    script.connectPlain();
    script.pass(Duration.ofDays(3));
    script.expectSilence();
    assertEquals(1, script.stack.engine.size());
    script.end();
  }
}
