package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.testing.Packets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ICMP errors from the guest about our segments: RFC 1191, RFC 5927. */
final class GuestReportsTest {
  private static final int UNREACHABLE = 3;
  private static final int PORT = 3;
  private static final int TOO_BIG = 4;

  private final TcpScript script = new TcpScript();

  private void report(int code, int mtu) {
    script.stack.engine.reported(
        UNREACHABLE,
        code,
        mtu,
        Packets.OUTSIDE,
        TcpScript.PORT,
        Packets.GUEST,
        TcpScript.GUEST_PORT,
        script.now());
  }

  @Test
  void smaller_path_makes_smaller_segments_at_once() {
    script.connectPlain();
    script.hostSends(2920);
    script.skip();
    report(TOO_BIG, 1000);
    script.expect("A 1:961(960) ack 1");
    script.expect("A 961:1921(960) ack 1");
    script.expect("A 1921:2881(960) ack 1");
    script.expect("PA 2881:2921(40) ack 1");
    script.end();
  }

  @Test
  void absurdly_small_path_is_not_believed() {
    script.connectPlain();
    report(TOO_BIG, 68);
    script.hostSends(600);
    script.expect("A 1:513(512) ack 1");
    script.end();
  }

  @Test
  void small_path_of_a_link_that_is_smaller_changes_nothing() {
    TcpScript small = new TcpScript(TcpConfig.standard(), 300);
    small.connectPlain();
    small.stack.engine.reported(
        UNREACHABLE,
        TOO_BIG,
        296,
        Packets.OUTSIDE,
        TcpScript.PORT,
        Packets.GUEST,
        TcpScript.GUEST_PORT,
        small.now());
    small.hostSends(261);
    small.expect("A 1:261(260) ack 1");
    small.expect("PA 261:262(1) ack 1");
    small.end();
  }

  @Test
  void larger_path_changes_nothing() {
    script.connectPlain();
    report(TOO_BIG, 9000);
    script.hostSends(1461);
    script.expect("A 1:1461(1460) ack 1");
    script.end();
  }

  @Test
  void unreachable_port_ends_no_connection_that_stands() {
    script.connectPlain();
    report(PORT, 0);
    assertEquals(TcpState.ESTABLISHED, script.state());
    script.end();
  }

  @Test
  void unreachable_port_refuses_our_syn() {
    List<String> heard = new ArrayList<>();
    ScriptHost host = new ScriptHost();
    script.hosts.add(host);
    Opening opening =
        script.stack.engine.open(
            Packets.OUTSIDE,
            TcpScript.PORT,
            Packets.GUEST,
            TcpScript.GUEST_PORT,
            host,
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
            },
            script.now());
    host.listener = assertInstanceOf(Opening.Opened.class, opening).listener();
    script.expect("S 0:0(0)");
    report(PORT, 0);
    assertEquals(List.of("refused"), heard);
    assertTrue(host.wasReset);
    script.end();
  }

  @Test
  void report_about_a_stranger_is_ignored() {
    report(TOO_BIG, 600);
    report(PORT, 0);
    script.expectSilence();
    script.end();
  }
}
