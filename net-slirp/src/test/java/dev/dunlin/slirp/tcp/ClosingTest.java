package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** RFC 9293 section 3.6: closing, from either side, by halves and at once. */
final class ClosingTest {
  private final TcpScript script = new TcpScript();

  @Test
  void guest_closes_first_and_the_host_may_still_send() {
    script.connectPlain();
    script.guest("FA 1:1(0) ack 1");
    script.expect("A 1:1(0) ack 2");
    assertTrue(script.host().outputShut);
    assertEquals(TcpState.CLOSE_WAIT, script.state());
    script.hostSends(3000);
    script.expect("A 1:1461(1460) ack 2");
    script.skip();
    script.guest("A 2:2(0) ack 3001");
    script.hostEnds();
    script.expect("FA 3001:3001(0) ack 2");
    script.guest("A 2:2(0) ack 3002");
    assertTrue(script.host().closed);
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void host_closes_first_and_the_guest_may_still_send() {
    script.connectPlain();
    script.hostEnds();
    script.expect("FA 1:1(0) ack 1");
    script.guest("A 1:1(0) ack 2");
    assertEquals(TcpState.FIN_WAIT_2, script.state());
    script.guest("PA 1:5001(5000) ack 2");
    script.expect("A 2:2(0) ack 5001");
    assertEquals(5000, script.host().received);
    assertFalse(script.host().outputShut);
    script.guest("FA 5001:5001(0) ack 2");
    script.expect("A 2:2(0) ack 5002");
    assertTrue(script.host().outputShut);
    assertTrue(script.host().closed);
    assertEquals(TcpState.TIME_WAIT, script.state());
    script.end();
  }

  /** RFC 9293 section 3.6, figure 13. */
  @Test
  void both_close_at_once() {
    script.connectPlain();
    script.hostEnds();
    script.expect("FA 1:1(0) ack 1");
    script.guest("FA 1:1(0) ack 1");
    script.expect("A 2:2(0) ack 2");
    assertEquals(TcpState.CLOSING, script.state());
    script.guest("A 2:2(0) ack 2");
    assertEquals(TcpState.TIME_WAIT, script.state());
    assertTrue(script.host().closed);
    script.end();
  }

  @Test
  void fin_with_the_acknowledgment_of_ours_is_time_wait() {
    script.connectPlain();
    script.hostEnds();
    script.skip();
    script.guest("FA 1:1(0) ack 2");
    script.expect("A 2:2(0) ack 2");
    assertEquals(TcpState.TIME_WAIT, script.state());
    script.end();
  }

  @Test
  void fin_after_text_carries_it() {
    script.connectPlain();
    script.guest("FPA 1:101(100) ack 1");
    script.expect("A 1:1(0) ack 102");
    assertEquals(100, script.host().received);
    assertTrue(script.host().outputShut);
    script.end();
  }

  @Test
  void end_reaches_the_host_only_after_all_text_did() {
    script.connectPlain();
    script.host().room = 10;
    script.guest("FPA 1:101(100) ack 1");
    script.expect("A 1:1(0) ack 102");
    assertFalse(script.host().outputShut);
    script.hostTakes(50);
    assertFalse(script.host().outputShut);
    script.hostTakes(50);
    assertTrue(script.host().outputShut);
    assertEquals(100, script.host().received);
    script.end();
  }

  @Test
  void connection_closed_by_the_guest_lives_until_the_host_took_everything() {
    script.connectPlain();
    script.host().room = 0;
    script.guest("FPA 1:101(100) ack 1");
    script.hostEnds();
    script.skip();
    script.guest("A 102:102(0) ack 2");
    assertEquals(TcpState.LAST_ACK, script.state());
    assertFalse(script.host().closed);
    script.hostTakes(100);
    assertTrue(script.host().outputShut);
    assertTrue(script.host().closed);
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void connection_closed_by_both_keeps_what_the_host_has_not_taken() {
    script.connectPlain();
    script.host().room = 0;
    script.hostEnds();
    script.guest("FPA 1:101(100) ack 2");
    assertEquals(TcpState.TIME_WAIT, script.state());
    assertFalse(script.host().closed);
    script.pass(Duration.ofMinutes(5));
    assertEquals(1, script.stack.engine.size());
    script.hostTakes(100);
    assertTrue(script.host().closed);
    script.pass(Duration.ofMinutes(2));
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void fin_of_a_silent_host_follows_its_text() {
    script.guest("S 0:0(0) win 1000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 1000");
    script.hostSends(1500);
    script.expect("A 1:1001(1000) ack 1");
    script.hostEnds();
    script.guest("A 1:1(0) ack 1001 win 1000");
    script.expect("FPA 1001:1501(500) ack 1");
    script.end();
  }

  @Test
  void text_after_the_guests_fin_is_ignored() {
    script.connectPlain();
    script.guest("FA 1:1(0) ack 1");
    script.skip();
    script.guest("PA 2:12(10) ack 1");
    assertEquals(0, script.host().received);
    script.end();
  }

  // ---- TIME-WAIT ----

  private void timeWait() {
    script.connectPlain();
    script.hostEnds();
    script.guest("FA 1:1(0) ack 2");
    assertEquals(TcpState.TIME_WAIT, script.state());
    script.skip();
  }

  @Test
  void time_wait_lasts_sixty_seconds() {
    timeWait();
    script.pass(Duration.ofSeconds(59));
    assertEquals(1, script.stack.engine.size());
    script.pass(Duration.ofSeconds(1));
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void fin_again_is_acknowledged_again_and_the_wait_begins_anew() {
    timeWait();
    script.pass(Duration.ofSeconds(50));
    script.guest("FA 1:1(0) ack 2");
    script.expect("A 2:2(0) ack 2");
    script.pass(Duration.ofSeconds(50));
    assertEquals(1, script.stack.engine.size());
    script.pass(Duration.ofSeconds(10));
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void newer_syn_reuses_the_connection_with_a_later_number() {
    timeWait();
    script.guest("S 1000:1000(0) win 65535 <mss 1460>");
    script.expect("SA 0:0(0) ack 1001");
    assertEquals(2, script.hosts.size());
    assertEquals(1, script.stack.engine.size());
    script.end();
  }

  @Test
  void older_syn_does_not() {
    timeWait();
    script.guest("S -5:-5(0) win 65535 <mss 1460>");
    script.expect("A 2:2(0) ack 2");
    assertEquals(1, script.hosts.size());
    script.end();
  }

  @Test
  void reset_of_the_guest_after_its_fin_breaks_what_the_host_still_sends() {
    script.connectPlain();
    script.guest("FA 1:1(0) ack 1");
    script.guest("R 2:2(0)");
    assertTrue(script.host().wasReset);
    script.end();
  }

  @Test
  void engine_that_closes_resets_both_sides() {
    script.connectPlain();
    script.stack.engine.close(script.now());
    script.expect("RA 1:1(0) ack 1");
    assertTrue(script.host().wasReset);
    script.end();
  }
}
