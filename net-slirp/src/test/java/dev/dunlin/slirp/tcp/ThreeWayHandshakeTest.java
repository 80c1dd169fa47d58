package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ThreeWayHandshakeTest {
  private final TcpScript script = new TcpScript();

  @Test
  void text_goes_both_ways_and_both_sides_close() {
    script.connect();
    script.guest("PA 1:101(100) ack 1");
    script.expect("A 1:1(0) ack 101");
    assertEquals(100, script.host().received);
    script.hostSends(5000);
    script.expect("A 1:1449(1448) ack 101");
    script.expect("A 1449:2897(1448) ack 101");
    script.expect("A 2897:4345(1448) ack 101");
    script.expect("PA 4345:5001(656) ack 101");
    script.guest("A 101:101(0) ack 5001 win 65536");
    script.guest("FA 101:101(0) ack 5001");
    script.expect("A 5001:5001(0) ack 102");
    assertTrue(script.host().outputShut);
    script.hostEnds();
    script.expect("FA 5001:5001(0) ack 102");
    assertEquals(TcpState.LAST_ACK, script.state());
    script.guest("A 102:102(0) ack 5002");
    script.expectSilence();
    assertTrue(script.host().closed);
    assertEquals(List.of(), script.stack.engine.flows());
    script.end();
  }
}
