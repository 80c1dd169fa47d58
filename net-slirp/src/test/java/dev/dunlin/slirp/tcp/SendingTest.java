package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import org.junit.jupiter.api.Test;

/** RFC 9293 section 3.8: text toward the guest, its windows, its probes. */
final class SendingTest {
  private final TcpScript script = new TcpScript();

  /** Fact 12 of what is easily missed: Windows waits a second without it. */
  @Test
  void push_at_the_end_of_each_host_read() {
    script.connectPlain();
    script.hostSends(3000);
    script.expect("A 1:1461(1460) ack 1");
    script.expect("A 1461:2921(1460) ack 1");
    script.expect("PA 2921:3001(80) ack 1");
    script.hostSends(5);
    script.expect("PA 3001:3006(5) ack 1");
    script.end();
  }

  @Test
  void small_text_goes_at_once_though_more_is_under_way() {
    script.connectPlain();
    for (int i = 0; i < 5; i++) {
      script.hostSends(1);
      script.expect("PA " + (i + 1) + ":" + (i + 2) + "(1) ack 1");
    }
    script.end();
  }

  @Test
  void initial_window_is_ten_segments_and_grows_by_what_is_acknowledged() {
    script.connectPlain();
    script.hostSends(1_000_000);
    assertEquals(10, script.waiting());
    script.skip();
    script.guest("A 1:1(0) ack 14601");
    assertEquals(20, script.waiting());
    script.end();
  }

  @Test
  void window_of_the_guest_bounds_what_is_under_way() {
    script.guest("S 0:0(0) win 3000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 3000");
    script.hostSends(10_000);
    assertEquals(3, script.waiting());
    script.skip();
    script.guest("A 1:1(0) ack 1001 win 2000");
    script.expectSilence();
    script.guest("A 1:1(0) ack 2001 win 3000");
    script.expect("A 3001:4001(1000) ack 1");
    script.expect("A 4001:5001(1000) ack 1");
    script.expectSilence();
    script.end();
  }

  @Test
  void host_is_not_read_beyond_what_the_guest_takes() {
    script.guest("S 0:0(0) win 2000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 2000");
    script.hostSends(10_000_000);
    assertFalse(script.host().wantsRead);
    assertTrue(script.host().unread() >= 10_000_000 - 70_000, "unread " + script.host().unread());
    script.guest("A 1:1(0) ack 2001 win 65535");
    assertTrue(script.waiting() > 2);
    script.end();
  }

  /** RFC 9293 section 3.8.6.2.1. */
  @Test
  void silly_window_gets_nothing_until_it_is_worth_it() {
    script.guest("S 0:0(0) win 5000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 5000");
    script.hostSends(20_000);
    assertEquals(5, script.waiting());
    script.skip();
    script.guest("A 1:1(0) ack 5001 win 100");
    script.expectSilence();
    script.guest("A 1:1(0) ack 5001 win 999");
    script.expectSilence();
    script.guest("A 1:1(0) ack 5001 win 1000");
    script.expect("A 5001:6001(1000) ack 1");
    script.expectSilence();
    script.end();
  }

  @Test
  void silly_window_is_used_all_the_same_when_it_stays() {
    script.guest("S 0:0(0) win 5000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 5000");
    script.hostSends(20_000);
    script.skip();
    script.guest("A 1:1(0) ack 5001 win 100");
    script.passMillis(199);
    script.expectSilence();
    script.passMillis(1);
    script.expect("A 5001:5101(100) ack 1");
    script.end();
  }

  /** RFC 9293 section 3.8.6.1. */
  @Test
  void closed_window_is_probed_with_one_byte_ever_more_rarely() {
    closeWindow();
    for (int i = 0; i < 4; i++) {
      script.passMillis((200L << i) - 1);
      script.expectSilence();
      script.passMillis(1);
      script.expect("A 2001:2002(1) ack 1");
      script.guest("A 1:1(0) ack 2001 win 0");
    }
    script.guest("A 1:1(0) ack 2001 win 4000");
    script.expect("A 2001:3001(1000) ack 1");
    script.end();
  }

  private void closeWindow() {
    script.guest("S 0:0(0) win 2000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 2000");
    script.hostSends(20_000);
    assertEquals(2, script.waiting());
    script.skip();
    script.guest("A 1:1(0) ack 2001 win 0");
    script.expectSilence();
  }

  @Test
  void probe_that_is_taken_counts() {
    closeWindow();
    script.passMillis(200);
    script.expect("A 2001:2002(1) ack 1");
    script.guest("A 1:1(0) ack 2002 win 2000");
    script.expect("A 2002:3002(1000) ack 1");
    script.expect("A 3002:4002(1000) ack 1");
    script.end();
  }

  /** A guest with a window of nought for ever costs one flow, one read, and a probe a minute. */
  @Test
  void window_closed_for_ever_grows_nothing() {
    closeWindow();
    for (int hours = 0; hours < 100; hours++) {
      script.pass(java.time.Duration.ofMinutes(1));
      script.guest("A 1:1(0) ack 2001 win 0");
    }
    assertEquals(1, script.stack.engine.size());
    assertTrue(script.stack.engine.buffersInUse() <= 2);
    assertTrue(script.waiting() < 120, script.waiting() + " probes");
    script.end();
  }

  /** The update that opens a window may be lost, so the host is read once for a probe's sake. */
  @Test
  void window_that_closed_on_an_empty_queue_is_probed_when_the_host_sends() {
    script.guest("S 0:0(0) win 1000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 1000");
    script.hostSends(1000);
    script.expect("PA 1:1001(1000) ack 1");
    script.guest("A 1:1(0) ack 1001 win 0");
    script.hostSends(500);
    script.expectSilence();
    script.passMillis(200);
    script.expect("A 1001:1002(1) ack 1");
    script.guest("A 1:1(0) ack 1002 win 1000");
    script.expect("PA 1002:1501(499) ack 1");
    script.end();
  }

  @Test
  void probes_that_nobody_answers_end_the_connection() {
    closeWindow();
    script.pass(java.time.Duration.ofMinutes(30));
    assertEquals(0, script.stack.engine.size());
    assertTrue(script.host().wasReset);
    script.end();
  }

  @Test
  void fin_waits_for_a_closed_window_and_is_probed_with() {
    script.guest("S 0:0(0) win 1000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 1000");
    script.hostSends(1000);
    script.hostEnds();
    script.expect("PA 1:1001(1000) ack 1");
    script.guest("A 1:1(0) ack 1001 win 0");
    script.expectSilence();
    script.passMillis(200);
    script.expect("FA 1001:1001(0) ack 1");
    script.guest("A 1:1(0) ack 1002 win 0");
    assertEquals(TcpState.FIN_WAIT_2, script.state());
    script.end();
  }

  /** A window may shrink though it shouldn't (RFC 9293 section 3.8.6). */
  @Test
  void window_that_shrinks_stops_the_transmission_and_harms_nothing() {
    script.guest("S 0:0(0) win 8000 <mss 1000>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 8000");
    script.hostSends(20_000);
    assertEquals(8, script.waiting());
    script.skip();
    script.guest("A 1:1(0) ack 3001 win 1000");
    script.expectSilence();
    script.passMillis(250);
    script.expect("A 3001:4001(1000) ack 1");
    script.guest("A 1:1(0) ack 4001 win 4000");
    script.expect("A 4001:5001(1000) ack 1");
    script.expect("A 5001:6001(1000) ack 1");
    script.end();
  }

  @Test
  void scaled_window_of_the_guest_is_used() {
    script.guest("S 0:0(0) win 65535 <mss 1460,ws 4>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 640000");
    script.hostSends(2_000_000);
    long acked = 1;
    for (int round = 0; round < 5; round++) {
      acked += 1460L * script.waiting();
      script.skip();
      script.guest("A 1:1(0) ack " + acked + " win 640000");
    }
    assertTrue(script.waiting() > 300, "segments under way: " + script.waiting());
    script.end();
  }

  /** A TAP's queue is a thousand frames: more would be lost there. */
  @Test
  void bytes_in_flight_are_capped() {
    script.guest("S 0:0(0) win 65535 <mss 1460,ws 14>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1 win 1000000000");
    script.hostSends(100_000_000);
    long acked = 1;
    int most = 0;
    for (int round = 0; round < 12; round++) {
      most = Math.max(most, script.waiting());
      acked += 1460L * script.waiting();
      script.skip();
      script.guest("A 1:1(0) ack " + acked + " win 1000000000");
    }
    assertEquals((1 << 20) / 1460, most);
    script.end();
  }

  // ---- offload ----

  @Test
  void link_that_segments_gets_long_frames() {
    script.stack.engine.setSegmentationOffload(true);
    script.connect();
    script.hostSends(14_480);
    TcpScript.Seen seen = script.expect("PA 1:14481(14480) ack 1");
    assertEquals(Frame.Gso.TCP_V4, seen.gso());
    script.guest("A 1:1(0) ack 14481 win 65536");
    script.hostSends(28_959);
    assertEquals(Frame.Gso.TCP_V4, script.expect("PA 14481:43440(28959) ack 1").gso());
    script.guest("A 1:1(0) ack 43440 win 65536");
    script.hostSends(1);
    assertEquals(Frame.Gso.NONE, script.expect("PA 43440:43441(1) ack 1").gso());
    script.end();
  }

  @Test
  void offload_may_go_while_a_connection_lives() {
    script.stack.engine.setSegmentationOffload(true);
    script.connect();
    script.hostSends(2896);
    script.expect("PA 1:2897(2896) ack 1");
    script.stack.engine.setSegmentationOffload(false);
    script.hostSends(2896);
    script.expect("A 2897:4345(1448) ack 1");
    script.expect("PA 4345:5793(1448) ack 1");
    script.end();
  }

  @Test
  void jumbo_link_gets_jumbo_segments() {
    TcpScript jumbo = new TcpScript(TcpConfig.standard(), 65_521);
    jumbo.guest("S 0:0(0) win 65535 <mss 65481,ws 8>");
    assertTrue(jumbo.expect("SA 0:0(0) ack 1").options().contains("mss 65481"));
    jumbo.guest("A 1:1(0) ack 1 win 1000000");
    jumbo.hostSends(200_000);
    jumbo.expect("A 1:65482(65481) ack 1");
    jumbo.end();
  }

  @Test
  void smallest_link_gets_the_smallest_segments() {
    TcpScript tiny = new TcpScript(TcpConfig.standard(), 68);
    tiny.guest("S 0:0(0) win 65535 <mss 1460,sackOK,ts,ws 8>");
    assertTrue(tiny.expect("SA 0:0(0) ack 1").options().contains("mss 28"));
    tiny.guest("A 1:1(0) ack 1 win 65536");
    tiny.hostSends(40);
    tiny.expect("A 1:17(16) ack 1");
    tiny.expect("A 17:33(16) ack 1");
    tiny.expect("PA 33:41(8) ack 1");
    tiny.end();
  }

  @Test
  void missing_frame_is_tried_again_in_a_moment() {
    script.connectPlain();
    java.util.List<Frame> taken = new java.util.ArrayList<>();
    for (Frame frame = script.stack.pool.take(1); frame != null; ) {
      taken.add(frame);
      frame = script.stack.pool.take(1);
    }
    script.hostSends(100);
    script.expectSilence();
    taken.forEach(Frame::release);
    script.passMillis(1);
    script.expect("PA 1:101(100) ack 1");
    script.end();
  }
}
