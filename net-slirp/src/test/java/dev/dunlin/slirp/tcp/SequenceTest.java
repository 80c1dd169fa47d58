package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.TcpView;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** RFC 9293 section 3.10.7.4: sequence, reset and SYN checks, with RFC 5961's and PAWS. */
final class SequenceTest {
  private final TcpScript script = new TcpScript();

  @Test
  void text_before_the_window_is_acknowledged_again_and_not_taken() {
    script.connectPlain();
    script.guest("PA 1:11(10) ack 1");
    script.expect("A 1:1(0) ack 11");
    script.guest("PA 1:11(10) ack 1");
    script.expect("A 1:1(0) ack 11");
    assertEquals(10, script.host().received);
    script.assertDropped(DropReason.TCP_WINDOW, 1);
    script.end();
  }

  @Test
  void text_that_overlaps_is_taken_once() {
    script.connectPlain();
    script.guest("PA 1:11(10) ack 1");
    script.skip();
    script.guest("PA 6:21(15) ack 1");
    script.expect("A 1:1(0) ack 21");
    assertEquals(20, script.host().received);
    script.end();
  }

  @Test
  void text_beyond_the_window_is_refused_with_an_acknowledgment() {
    script.connectPlain();
    script.guest("PA 3000000:3000010(10) ack 1");
    script.expect("A 1:1(0) ack 1");
    assertEquals(0, script.host().received);
    script.assertDropped(DropReason.TCP_WINDOW, 1);
    script.end();
  }

  @Test
  void numbers_wrap() {
    script.connectPlain(); // the guest's initial number is 16 before the wrap
    script.guest("A 1:1461(1460) ack 1");
    script.expect("A 1:1(0) ack 1461");
    assertEquals(1460, script.host().received);
    script.end();
  }

  // ---- reset: RFC 5961 section 3; fact 13 of what is easily missed ----

  @Test
  void reset_from_the_guest_breaks_the_hosts_stream() {
    script.connectPlain();
    script.guest("R 1:1(0)");
    assertTrue(script.host().wasReset);
    assertFalse(script.host().closed);
    assertEquals(0, script.stack.engine.size());
    script.expectSilence();
    script.end();
  }

  @Test
  void reset_inside_the_window_is_challenged() {
    script.connectPlain();
    script.guest("R 100:100(0)");
    script.expect("A 1:1(0) ack 1");
    assertFalse(script.host().wasReset);
    script.assertDropped(DropReason.TCP_CHALLENGED, 1);
    script.guest("R 1:1(0)");
    assertTrue(script.host().wasReset);
    script.end();
  }

  @Test
  void reset_outside_the_window_is_dropped() {
    script.connectPlain();
    script.guest("R -5000:-5000(0)");
    script.guest("RA 9000000:9000000(0) ack 1");
    script.expectSilence();
    assertFalse(script.host().wasReset);
    script.assertDropped(DropReason.TCP_WINDOW, 2);
    script.end();
  }

  @Test
  void reset_from_the_host_is_a_reset_to_the_guest() {
    script.connectPlain();
    script.hostSends(10);
    script.skip();
    script.hostResets();
    script.expect("RA 11:11(0) ack 1");
    assertEquals(0, script.stack.engine.size());
    script.guest("A 1:1(0) ack 11");
    script.expect("R 11:11(0)");
    script.end();
  }

  // ---- SYN: RFC 5961 section 4 ----

  @Test
  void syn_in_a_connection_is_challenged() {
    script.connectPlain();
    script.guest("S 50:50(0)");
    script.expect("A 1:1(0) ack 1");
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("A 1:1(0) ack 1");
    assertEquals(TcpState.ESTABLISHED, script.state());
    script.end();
  }

  @Test
  void xmas_and_null_change_nothing() {
    script.connectPlain();
    script.guest("FPU 1:1(0)");
    script.guest("0 1:1(0)");
    script.guest("SF 1:1(0)");
    script.guest("SFRPAU 2:2(0) ack 1");
    assertEquals(TcpState.ESTABLISHED, script.state());
    assertFalse(script.host().outputShut);
    script.end();
  }

  @Test
  void challenges_are_limited() {
    script.connectPlain();
    for (int i = 0; i < 1000; i++) {
      script.guest("R 100:100(0)");
    }
    assertEquals(100, script.waiting());
    script.assertDropped(DropReason.TCP_RATE, 900);
    script.pass(Duration.ofSeconds(1));
    script.skip();
    script.guest("R 100:100(0)");
    assertEquals(1, script.waiting());
    script.end();
  }

  // ---- timestamps: RFC 7323 section 5 ----

  @Test
  void older_timestamp_is_refused_with_an_acknowledgment() {
    script.connect();
    script.guest("PA 1:11(10) ack 1 <ts 2000>");
    script.expect("A 1:1(0) ack 11");
    script.guest("PA 11:21(10) ack 1 <ts 1999>");
    script.expect("A 1:1(0) ack 11");
    assertEquals(10, script.host().received);
    script.assertDropped(DropReason.TCP_PAWS, 1);
    script.end();
  }

  @Test
  void timestamp_older_than_24_days_proves_nothing() {
    script.connect();
    script.guest("PA 1:11(10) ack 1 <ts 2000>");
    script.skip();
    script.stack.clock.advance(Duration.ofDays(25));
    script.guest("PA 11:21(10) ack 1 <ts 5>");
    assertEquals(20, script.host().received);
    script.end();
  }

  // ---- acknowledgment: RFC 5961 section 5 ----

  @Test
  void acknowledgment_of_unsent_is_answered_and_dropped() {
    script.connectPlain();
    script.guest("PA 1:11(10) ack 5000");
    script.expect("A 1:1(0) ack 1");
    assertEquals(0, script.host().received);
    script.assertDropped(DropReason.TCP_ACK, 1);
    script.end();
  }

  @Test
  void acknowledgment_older_than_any_window_is_answered_and_dropped() {
    script.connectPlain();
    script.guest("PA 1:11(10) ack -70000");
    script.expect("A 1:1(0) ack 1");
    assertEquals(0, script.host().received);
    script.end();
  }

  @Test
  void text_without_acknowledgment_is_dropped() {
    script.connectPlain();
    script.guest("P 1:11(10)");
    script.expectSilence();
    assertEquals(0, script.host().received);
    script.end();
  }

  // ---- urgent: RFC 6093 ----

  @Test
  void urgent_text_is_delivered_in_line() {
    script.connectPlain();
    script.guest("PAU 1:11(10) ack 1");
    script.expect("A 1:1(0) ack 11");
    assertEquals(10, script.host().received);
    script.end();
  }

  /** CVE-2026-9539: the pointer speaks of a gigabyte that isn't there. */
  @Test
  void urgent_pointer_beyond_the_data_brings_no_byte_more() {
    script.connectPlain();
    script.setUrgentPointer(0xffff);
    script.guest("PAU 1:11(10) ack 1");
    script.expect("A 1:1(0) ack 11");
    script.guest("AU 11:11(0) ack 1");
    script.setUrgentPointer(0);
    script.guest("PAU 11:12(1) ack 1");
    script.pass(Duration.ofSeconds(1));
    script.skip();
    assertEquals(11, script.host().received);
    script.end();
  }

  // ---- headers that can't be ----

  @Test
  void malformed_headers_and_options_are_dropped() {
    script.connectPlain();
    byte[] endless = {3, 0, 0, 0};
    byte[] single = {5, 1, 1, 1};
    byte[] beyond = {1, 1, 8, 10};
    for (byte[] options : new byte[][] {endless, single, beyond}) {
      script.send(TcpScript.GUEST_INITIAL + 1, 0, TcpView.ACK, 100, options, new byte[5]);
    }
    script.expectSilence();
    script.assertDropped(DropReason.TCP_MALFORMED, 3);
    assertEquals(0, script.host().received);
    script.end();
  }

  @Test
  void segment_of_an_unknown_connection_is_reset_and_a_reset_is_not() {
    script.guest("A 1:1(0) ack 7");
    script.next();
    script.guest("R 1:1(0)");
    script.expectSilence();
    script.assertDropped(DropReason.TCP_UNKNOWN_FLOW, 2);
    script.end();
  }

  @Test
  void resets_for_unknown_connections_are_limited() {
    for (int i = 0; i < 5000; i++) {
      script.guest("A 1:1(0) ack 7");
    }
    assertEquals(200, script.waiting());
    script.assertDropped(DropReason.TCP_RATE, 4800);
    script.end();
  }
}
