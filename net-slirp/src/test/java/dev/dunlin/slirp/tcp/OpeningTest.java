package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.DropReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9293 section 3.5: establishing a connection, from either side and from both. */
final class OpeningTest {
  private final TcpScript script = new TcpScript();
  private final List<String> heard = new ArrayList<>();
  private final Opener opener =
      new Opener() {
        @Override
        public void established(long now) {
          heard.add("established");
        }

        @Override
        public void refused(long now) {
          heard.add("refused");
        }

        @Override
        public void timedOut(long now) {
          heard.add("timed out");
        }
      };

  // ---- the guest opens ----

  /** Fact 9 of what is easily missed. */
  @Test
  void syn_ack_waits_for_the_host_to_connect() {
    script.connectsAtOnce = false;
    script.guest("S 0:0(0) <mss 1460>");
    script.expectSilence();
    script.guest("S 0:0(0) <mss 1460>");
    script.expectSilence();
    assertEquals(List.of("10.0.2.15:40000 to 93.184.216.34:80"), script.asked);
    script.hostConnects();
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1");
    assertEquals(TcpState.ESTABLISHED, script.state());
    script.end();
  }

  @Test
  void refusal_by_the_host_is_a_reset() {
    script.connectsAtOnce = false;
    script.guest("S 0:0(0) <mss 1460>");
    script.hostFails(HostFailure.refused());
    script.expect("RA 0:0(0) ack 1");
    assertEquals(0, script.stack.engine.size());
    assertFalse(script.host().isOver(), "a stream that failed is closed already");
    script.end();
  }

  @Test
  void unreachable_host_is_icmp_about_the_syn() {
    script.connectsAtOnce = false;
    script.guest("S 0:0(0) <mss 1460>");
    script.hostFails(HostFailure.of(IpError.HOST_UNREACHABLE));
    script.expectSilence();
    assertEquals(List.of("3/1"), script.icmp);
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void nobody_there_is_a_reset() {
    script.refusesAll = true;
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("RA 0:0(0) ack 1");
    script.end();
  }

  @Test
  void guest_gives_up_before_the_host_connected() {
    script.connectsAtOnce = false;
    script.guest("S 0:0(0) <mss 1460>");
    script.guest("R 1:1(0)");
    assertTrue(script.host().wasReset);
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void syn_ack_is_sent_again_and_given_up() {
    script.guest("S 0:0(0) <mss 1460>");
    for (int tries = 0; tries <= 5; tries++) {
      script.expect("SA 0:0(0) ack 1");
      script.expectSilence();
      script.passMillis(1000L << tries);
    }
    script.expect("RA 1:1(0) ack 1");
    assertTrue(script.host().wasReset);
    script.end();
  }

  @Test
  void syn_again_gets_the_same_syn_ack_again() {
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    assertEquals(1, script.hosts.size());
    script.end();
  }

  @Test
  void text_with_the_syn_comes_again_and_is_taken_once() {
    script.guest("S 0:10(10) <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("PA 1:11(10) ack 1");
    script.expect("A 1:1(0) ack 11");
    assertEquals(10, script.host().received);
    script.end();
  }

  @Test
  void acknowledgment_of_anything_but_our_syn_is_reset() {
    script.guest("S 0:0(0) <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 77");
    script.expect("R 77:77(0)");
    assertEquals(TcpState.SYN_RECEIVED, script.state());
    script.guest("A 1:1(0) ack 1");
    assertEquals(TcpState.ESTABLISHED, script.state());
    script.end();
  }

  @Test
  void syn_with_fin_or_without_anything_opens_nothing() {
    script.guest("SF 0:0(0)");
    script.guest("0 0:0(0)");
    script.guest("FPU 0:0(0)");
    script.guest("F 0:0(0)");
    script.expectSilence();
    script.assertDropped(DropReason.TCP_FLAGS, 4);
    script.guest("SR 0:0(0)");
    script.expectSilence();
    script.assertDropped(DropReason.TCP_UNKNOWN_FLOW, 1);
    assertEquals(0, script.hosts.size());
    script.end();
  }

  @Test
  void port_zero_opens_nothing() {
    script.guestPort = 0;
    script.guest("S 0:0(0) <mss 1460>");
    script.expectSilence();
    script.assertDropped(DropReason.TCP_PORT_ZERO, 1);
    script.end();
  }

  @Test
  void options_are_agreed_only_when_both_offer_them() {
    script.guest("S 0:0(0) <mss 1000>");
    assertEquals(List.of("mss 1460"), script.expect("SA 0:0(0) ack 1").options());
    script.guestPort++;
    script.guest("S 0:0(0) <mss 1000,ws 3>");
    assertEquals(List.of("mss 1460", "ws 5"), script.expect("SA 0:0(0) ack 1").options());
    script.guestPort++;
    script.guest("S 0:0(0) <mss 1000,sackOK,ts>");
    assertEquals(List.of("mss 1460", "sackOK", "ts"), script.expect("SA 0:0(0) ack 1").options());
    script.end();
  }

  @Test
  void mss_of_the_guest_bounds_segments_and_its_absence_means_536() {
    script.guest("S 0:0(0)");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1");
    script.hostSends(1000);
    script.expect("A 1:537(536) ack 1");
    script.expect("PA 537:1001(464) ack 1");
    script.end();
  }

  @Test
  void absurd_mss_is_not_believed() {
    script.guest("S 0:0(0) <mss 1>");
    script.expect("SA 0:0(0) ack 1");
    script.guest("A 1:1(0) ack 1");
    script.hostSends(100);
    script.expect("A 1:89(88) ack 1");
    script.expect("PA 89:101(12) ack 1");
    script.end();
  }

  // ---- the host opens ----

  private void open() {
    ScriptHost host = new ScriptHost();
    script.hosts.add(host);
    Opening opening =
        script.stack.engine.open(
            Packets.OUTSIDE,
            TcpScript.PORT,
            Packets.GUEST,
            TcpScript.GUEST_PORT,
            host,
            opener,
            script.now());
    host.listener = assertInstanceOf(Opening.Opened.class, opening).listener();
    TcpScript.Seen syn = script.expect("S 0:0(0)");
    assertEquals(List.of("mss 1460", "ws 5", "sackOK", "ts"), syn.options());
  }

  @Test
  void forward_hears_that_the_guest_accepted() {
    open();
    script.host().sent = 5;
    script.guest("SA 0:0(0) ack 1 <mss 1460>");
    assertEquals(List.of("established"), heard);
    script.expect("A 1:1(0) ack 1");
    assertTrue(script.host().wantsRead);
    script.host().listener().readable(script.now());
    script.expect("PA 1:6(5) ack 1");
    script.end();
  }

  @Test
  void forward_hears_that_the_guest_refused_and_its_stream_is_reset() {
    open();
    script.guest("RA 0:0(0) ack 1");
    assertEquals(List.of("refused"), heard);
    assertTrue(script.host().wasReset);
    assertEquals(0, script.stack.engine.size());
    script.end();
  }

  @Test
  void forward_hears_that_the_guest_is_silent() {
    open();
    for (int tries = 0; tries < 5; tries++) {
      script.passMillis(1000L << tries);
      script.expect("S 0:0(0)");
    }
    script.passMillis(32_000);
    script.expectSilence();
    assertEquals(List.of("timed out"), heard);
    assertTrue(script.host().wasReset);
    script.end();
  }

  @Test
  void answer_to_another_syn_is_reset_and_ours_waits_on() {
    open();
    script.guest("SA 0:0(0) ack 99 <mss 1460>");
    script.expect("R 99:99(0)");
    script.guest("RA 0:0(0) ack 99");
    script.expectSilence();
    script.guest("R 0:0(0)");
    script.expectSilence();
    assertEquals(TcpState.SYN_SENT, script.state());
    script.guest("SA 0:0(0) ack 1 <mss 1460>");
    assertEquals(TcpState.ESTABLISHED, script.state());
    script.end();
  }

  @Test
  void the_same_two_ends_are_taken() {
    open();
    Opening second =
        script.stack.engine.open(
            Packets.OUTSIDE,
            TcpScript.PORT,
            Packets.GUEST,
            TcpScript.GUEST_PORT,
            new ScriptHost(),
            opener,
            script.now());
    assertInstanceOf(Opening.Taken.class, second);
    script.end();
  }

  // ---- both open: RFC 9293 section 3.5, figure 7 ----

  @Test
  void simultaneous_opening_makes_one_connection() {
    open();
    script.guest("S 0:0(0) win 65535 <mss 1460>");
    script.expect("SA 0:0(0) ack 1");
    assertEquals(TcpState.SYN_RECEIVED, script.state());
    script.guest("SA 0:0(0) ack 1 <mss 1460>");
    assertEquals(TcpState.ESTABLISHED, script.state());
    assertEquals(List.of("established"), heard);
    assertEquals(1, script.hosts.size());
    script.skip();
    script.guest("PA 1:4(3) ack 1");
    script.expect("A 1:1(0) ack 4");
    script.end();
  }

  @Test
  void text_with_the_syn_ack_is_taken() {
    open();
    script.guest("SA 0:7(7) ack 1 <mss 1460>");
    script.expect("A 1:1(0) ack 8");
    assertEquals(7, script.host().received);
    script.end();
  }
}
