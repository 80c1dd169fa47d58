package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.wire.DropReason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Text from the guest: order, acknowledgments, the window that the host leaves. */
final class ReceivingTest {
  private final TcpScript script = new TcpScript();

  // ---- order: RFC 2018 ----

  @Test
  void text_ahead_of_a_gap_is_kept_and_reported() {
    script.connectSack();
    script.guest("A 1001:2001(1000) ack 1");
    assertEquals(List.of("sack 1001 2001"), script.expect("A 1:1(0) ack 1").options());
    script.guest("A 3001:4001(1000) ack 1");
    assertEquals(
        List.of("sack 3001 4001", "sack 1001 2001"), script.expect("A 1:1(0) ack 1").options());
    assertEquals(0, script.host().received);
    script.guest("A 1:1001(1000) ack 1");
    assertEquals(List.of("sack 3001 4001"), script.expect("A 1:1(0) ack 2001").options());
    assertEquals(2000, script.host().received);
    script.guest("A 2001:3001(1000) ack 1");
    assertEquals(List.of(), script.expect("A 1:1(0) ack 4001").options());
    assertEquals(4000, script.host().received);
    assertEquals(0, script.stack.engine.buffersInUse());
    script.end();
  }

  @Test
  void block_that_changed_last_comes_first_and_three_fit_beside_timestamps() {
    script.connect();
    for (int i : new int[] {9, 3, 7, 5}) {
      script.guest("A " + (i * 100 + 1) + ":" + (i * 100 + 51) + "(50) ack 1");
    }
    for (int i = 0; i < 3; i++) {
      script.next();
    }
    assertEquals(
        List.of("ts", "sack 501 551", "sack 701 751", "sack 301 351"),
        script.expect("A 1:1(0) ack 1").options());
    script.end();
  }

  @Test
  void smallest_link_carries_one_block() {
    TcpScript tiny = new TcpScript(TcpConfig.standard(), 68);
    tiny.guest("S 0:0(0) win 64240 <mss 1460,sackOK,ts,ws 7>");
    tiny.expect("SA 0:0(0) ack 1");
    tiny.guest("A 1:1(0) ack 1 win 65536");
    tiny.guest("A 101:102(1) ack 1");
    tiny.expect("A 1:1(0) ack 1");
    tiny.guest("A 201:202(1) ack 1");
    assertEquals(List.of("ts", "sack 201 202"), tiny.expect("A 1:1(0) ack 1").options());
    tiny.end();
  }

  @Test
  void guest_without_sack_gets_duplicates_only() {
    script.connectPlain();
    script.guest("A 1001:2001(1000) ack 1");
    assertEquals(List.of(), script.expect("A 1:1(0) ack 1").options());
    script.guest("A 1:1001(1000) ack 1");
    script.expect("A 1:1(0) ack 2001");
    script.end();
  }

  @Test
  void gaps_without_end_are_bounded() {
    script.connectSack();
    for (int i = 1; i <= 100; i++) {
      script.guest("A " + (i * 10 + 1) + ":" + (i * 10 + 2) + "(1) ack 1");
    }
    script.assertDropped(DropReason.TCP_OUT_OF_ORDER, 100 - 32);
    assertEquals(1, script.stack.engine.buffersInUse());
    script.end();
  }

  @Test
  void fin_ahead_of_a_gap_waits_for_it() {
    script.connectPlain();
    script.guest("FA 11:21(10) ack 1");
    script.expect("A 1:1(0) ack 1");
    assertEquals(TcpState.ESTABLISHED, script.state());
    script.guest("A 1:11(10) ack 1");
    script.expect("A 1:1(0) ack 22");
    assertTrue(script.host().outputShut);
    assertEquals(20, script.host().received);
    script.end();
  }

  // ---- acknowledgments: RFC 9293 section 3.8.6.3 ----

  @Test
  void young_connection_is_acknowledged_at_once_an_old_one_every_second_segment() {
    script.connectPlain();
    int at = 1;
    for (int i = 0; i < 16; i++, at += 1460) {
      script.guest("A " + at + ":" + (at + 1460) + "(1460) ack 1");
      script.expect("A 1:1(0) ack " + (at + 1460));
    }
    script.guest("A " + at + ":" + (at + 1460) + "(1460) ack 1");
    script.expectSilence();
    at += 1460;
    script.guest("A " + at + ":" + (at + 1460) + "(1460) ack 1");
    script.expect("A 1:1(0) ack " + (at + 1460));
    at += 1460;
    script.guest("A " + at + ":" + (at + 10) + "(10) ack 1");
    script.passMillis(39);
    script.expectSilence();
    script.passMillis(1);
    script.expect("A 1:1(0) ack " + (at + 10));
    script.end();
  }

  @Test
  void answer_carries_the_acknowledgment() {
    script.connectPlain();
    for (int i = 0; i < 17; i++) {
      script.guest("A " + (1 + i) + ":" + (2 + i) + "(1) ack 1");
    }
    script.skip();
    script.hostSends(3);
    script.expect("PA 1:4(3) ack 18");
    script.passMillis(100);
    script.expectSilence();
    script.end();
  }

  @Test
  void long_frame_of_an_offloading_guest_is_acknowledged_at_once() {
    script.connectPlain();
    for (int i = 0; i < 16; i++) {
      script.guest("A " + (1 + i) + ":" + (2 + i) + "(1) ack 1");
    }
    script.skip();
    script.guest("A 17:30017(30000) ack 1");
    script.expect("A 1:1(0) ack 30017");
    assertEquals(30_016, script.host().received);
    script.end();
  }

  // ---- the window is what the host takes ----

  @Test
  void window_shrinks_by_what_the_host_leaves_and_reopens_when_it_takes() {
    TcpScript small =
        new TcpScript(TcpConfig.standard().withBuffers(10_000, 1 << 20, 1 << 24), 1500);
    small.connectPlain();
    small.host().room = 1000;
    small.guest("A 1:1461(1460) ack 1");
    assertEquals(8540, small.expect("A 1:1(0) ack 1461").window());
    for (int at = 1461; at < 9000; at += 1460) {
      small.guest("A " + at + ":" + (at + 1460) + "(1460) ack 1");
    }
    TcpScript.Seen last = small.next();
    while (small.waiting() > 0) {
      last = small.next();
    }
    assertEquals("A 1:1(0) ack 10001", last.text());
    assertEquals(0, last.window());
    small.hostTakes(500);
    small.expectSilence();
    small.hostTakes(9500);
    assertEquals(10_000, small.expect("A 1:1(0) ack 10001").window());
    assertEquals(10_000, small.host().received);
    assertEquals(0, small.stack.engine.buffersInUse());
    small.end();
  }

  @Test
  void probe_of_our_closed_window_is_answered() {
    TcpScript small = new TcpScript(TcpConfig.standard().withBuffers(1000, 1 << 20, 1 << 24), 1500);
    small.connectPlain();
    small.host().room = 0;
    small.guest("A 1:1001(1000) ack 1");
    assertEquals(0, small.expect("A 1:1(0) ack 1001").window());
    small.guest("A 1001:1002(1) ack 1");
    assertEquals(0, small.expect("A 1:1(0) ack 1001").window());
    small.hostTakes(5000);
    assertEquals(1000, small.expect("A 1:1(0) ack 1001").window());
    small.guest("A 1001:1002(1) ack 1");
    small.expect("A 1:1(0) ack 1002");
    assertEquals(1001, small.host().received);
    small.end();
  }

  /** RFC 9293 section 3.8.6.2.2. */
  @Test
  void window_opens_by_worthwhile_steps_only() {
    TcpScript small =
        new TcpScript(TcpConfig.standard().withBuffers(20_000, 1 << 20, 1 << 24), 1500);
    small.connectPlain();
    small.host().room = 0;
    int at = 1;
    while (at + 1460 <= 20_001) {
      small.guest("A " + at + ":" + (at + 1460) + "(1460) ack 1");
      at += 1460;
    }
    small.guest("A " + at + ":20001(" + (20_001 - at) + ") ack 1");
    small.skip();
    for (int i = 0; i < 29; i++) {
      small.hostTakes(100);
    }
    small.expectSilence();
    small.hostTakes(100);
    assertEquals(3000, small.next().window());
    small.expectSilence();
    small.end();
  }

  @Test
  void memory_that_is_short_costs_a_retransmission_only() {
    TcpScript poor =
        new TcpScript(TcpConfig.standard().withBuffers(1 << 20, 1 << 20, 65_536), 1500);
    poor.connect();
    poor.host().room = 0;
    poor.guest("A 1:60001(60000) ack 1");
    poor.expect("A 1:1(0) ack 60001");
    poor.guest("A 60001:70001(10000) ack 1");
    poor.expect("A 1:1(0) ack 65537");
    poor.assertDropped(DropReason.TCP_OUT_OF_ORDER, 1);
    poor.hostTakes(1_000_000);
    poor.guest("A 65537:70001(4464) ack 1");
    assertEquals(70_000, poor.host().received);
    poor.end();
  }
}
