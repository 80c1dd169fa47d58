package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Loss toward the guest: RFC 6298, 5681, 6582, 6675, 8985. */
final class RepairTest {
  private final TcpScript script = new TcpScript();

  // ---- the timeout: RFC 6298 ----

  @Test
  void unacknowledged_text_goes_again_after_200_ms_and_doubling() {
    script.connectPlain();
    script.hostSends(100);
    script.expect("PA 1:101(100) ack 1");
    for (int i = 0; i < 5; i++) {
      script.passMillis((200L << i) - 1);
      script.expectSilence();
      script.passMillis(1);
      script.expect("PA 1:101(100) ack 1");
    }
    script.guest("A 1:1(0) ack 101");
    script.pass(Duration.ofMinutes(1));
    script.expectSilence();
    script.end();
  }

  @Test
  void timeout_follows_the_measured_round_trip() {
    script.connectPlain();
    for (int i = 0; i < 50; i++) {
      script.hostSends(100);
      script.skip();
      script.passMillis(150);
      script.guest("A 1:1(0) ack " + (1 + 100 * (i + 1)));
    }
    script.hostSends(100);
    script.next();
    script.passMillis(199);
    script.expectSilence();
    script.passMillis(10);
    assertEquals(1, script.waiting());
    script.end();
  }

  @Test
  void text_that_nobody_acknowledges_ends_the_connection() {
    script.connectPlain();
    script.hostSends(100);
    script.pass(Duration.ofMinutes(20));
    assertEquals(0, script.stack.engine.size());
    assertTrue(script.host().wasReset);
    script.end();
  }

  @Test
  void after_a_timeout_one_segment_goes_and_the_window_opens_again() {
    script.connectPlain();
    script.hostSends(14_600);
    assertEquals(10, script.waiting());
    script.skip();
    script.passMillis(200);
    script.expect("A 1:1461(1460) ack 1");
    script.expectSilence();
    script.guest("A 1:1(0) ack 1461");
    script.expect("A 1461:2921(1460) ack 1");
    script.expect("A 2921:4381(1460) ack 1");
    script.expectSilence();
    script.guest("A 1:1(0) ack 14601");
    script.expectSilence();
    script.end();
  }

  // ---- fast retransmit without SACK: RFC 6582 ----

  @Test
  void three_duplicates_bring_the_segment_again() {
    script.connectPlain();
    script.hostSends(14_600);
    script.skip();
    script.guest("A 1:1(0) ack 1");
    script.guest("A 1:1(0) ack 1");
    script.expectSilence();
    script.guest("A 1:1(0) ack 1");
    script.expect("A 1:1461(1460) ack 1");
    script.expectSilence();
    script.end();
  }

  @Test
  void partial_acknowledgment_brings_the_next_hole() {
    script.connectPlain();
    script.hostSends(14_600);
    script.skip();
    for (int i = 0; i < 3; i++) {
      script.guest("A 1:1(0) ack 1");
    }
    script.expect("A 1:1461(1460) ack 1");
    script.guest("A 1:1(0) ack 2921");
    script.expect("A 2921:4381(1460) ack 1");
    script.guest("A 1:1(0) ack 14601");
    script.expectSilence();
    script.end();
  }

  @Test
  void acknowledgments_with_text_or_with_a_new_window_are_no_duplicates() {
    script.connectPlain();
    script.hostSends(14_600);
    script.skip();
    for (int i = 0; i < 5; i++) {
      script.guest("A 1:1(0) ack 1 win " + (65_000 - i));
    }
    script.expectSilence();
    script.end();
  }

  // ---- SACK: RFC 6675 ----

  @Test
  void hole_below_three_reported_segments_goes_again() {
    script.connectSack();
    script.hostSends(10_000);
    assertEquals(10, script.waiting());
    script.skip();
    script.guest("A 1:1(0) ack 1 <sack 1001 2001>");
    script.guest("A 1:1(0) ack 1 <sack 1001 3001>");
    script.expectSilence();
    script.guest("A 1:1(0) ack 1 <sack 1001 4001>");
    script.expect("A 1:1001(1000) ack 1");
    script.end();
  }

  @Test
  void several_holes_go_again_in_one_recovery() {
    script.connectSack();
    script.hostSends(10_000);
    script.skip();
    script.guest("A 1:1(0) ack 1 <sack 1001 2001 3001 4001 5001 10001>");
    script.expect("A 1:1001(1000) ack 1");
    script.expect("A 2001:3001(1000) ack 1");
    script.expect("A 4001:5001(1000) ack 1");
    script.expectSilence();
    script.guest("A 1:1(0) ack 10001");
    script.pass(Duration.ofSeconds(5));
    script.expectSilence();
    script.end();
  }

  @Test
  void new_text_flows_during_recovery_as_segments_leave_the_network() {
    script.connectSack();
    script.hostSends(40_000);
    script.skip();
    script.guest("A 1:1(0) ack 1 <sack 1001 4001>");
    script.expect("A 1:1001(1000) ack 1");
    script.skip();
    script.guest("A 1:1(0) ack 1 <sack 1001 9001>");
    assertTrue(script.waiting() >= 3, "new segments: " + script.waiting());
    script.expect("A 10001:11001(1000) ack 1");
    script.end();
  }

  @Test
  void nonsense_blocks_are_ignored() {
    script.connectSack();
    script.hostSends(5000);
    script.skip();
    script.guest("A 1:1(0) ack 1 <sack 900000 990000 3000 2000 -500 -100>");
    script.guest("A 1:1(0) ack 1 <sack 4000 90000>");
    script.guest("A 1:1(0) ack 1 <sack -10 5001>");
    script.expectSilence();
    script.end();
  }

  /** RFC 2018 section 8. */
  @Test
  void guest_that_reneges_gets_everything_again() {
    script.connectSack();
    script.hostSends(3000);
    script.skip();
    script.guest("A 1:1(0) ack 1 <sack 1001 3001>");
    script.passMillis(210);
    script.expect("A 1:1001(1000) ack 1");
    script.guest("A 1:1(0) ack 1001");
    script.expect("A 1001:2001(1000) ack 1");
    script.expect("PA 2001:3001(1000) ack 1");
    script.end();
  }

  @Test
  void after_a_timeout_what_the_guest_reports_is_not_sent_again() {
    script.connectSack();
    script.hostSends(5000);
    script.skip();
    script.passMillis(210);
    script.expect("PA 4001:5001(1000) ack 1"); // the tail's probe
    script.expect("A 1:1001(1000) ack 1");
    script.guest("A 1:1(0) ack 1001 <sack 2001 4001>");
    script.expect("A 1001:2001(1000) ack 1");
    script.expect("PA 4001:5001(1000) ack 1");
    script.expectSilence();
    script.end();
  }

  // ---- the tail: RFC 8985 section 7 ----

  @Test
  void lost_tail_is_probed_before_the_timeout() {
    script.connectSack();
    script.hostSends(1000);
    script.next();
    script.passMillis(5);
    script.guest("A 1:1(0) ack 1001");
    script.hostSends(4000);
    assertEquals(4, script.waiting());
    script.skip();
    script.passMillis(9);
    script.expectSilence();
    script.passMillis(2);
    script.expect("PA 4001:5001(1000) ack 1");
    script.guest("A 1:1(0) ack 1001 <sack 4001 5001>");
    script.expect("A 1001:2001(1000) ack 1");
    script.guest("A 1:1(0) ack 2001 <sack 4001 5001>");
    script.expect("A 2001:3001(1000) ack 1");
    script.end();
  }

  // ---- the FIN ----

  @Test
  void lost_fin_goes_again() {
    script.connectPlain();
    script.hostSends(10);
    script.hostEnds();
    script.expect("PA 1:11(10) ack 1");
    script.expect("FA 11:11(0) ack 1");
    script.guest("A 1:1(0) ack 11");
    script.passMillis(200);
    script.expect("FA 11:11(0) ack 1");
    script.guest("A 1:1(0) ack 12");
    assertEquals(TcpState.FIN_WAIT_2, script.state());
    script.end();
  }
}
