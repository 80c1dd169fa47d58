package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.TcpView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections of a guest that was saved, in an engine that carries them on or doesn't. */
final class SavedFlowsTest {
  private final TcpScript before = new TcpScript();
  private final TcpScript after = new TcpScript();

  /** A guest with one connection, saved and gone on elsewhere. */
  private List<SavedFlow> move() {
    before.connectPlain();
    before.hostSends(10);
    before.next();
    before.guest("PA 1:6(5) ack 11");
    before.skip();
    List<SavedFlow> saved = before.stack.engine.save();
    assertEquals(1, saved.size());
    after.remember(before.ourInitial());
    return saved;
  }

  private int restore(List<SavedFlow> saved) {
    int kept = after.stack.engine.restore(saved, false, after.now());
    after.pass(Duration.ZERO);
    return kept;
  }

  /** Fact 27 of what is easily missed. */
  @Test
  void a_guest_is_told_at_once_that_nobody_carries_its_connection_on() {
    assertEquals(0, restore(move()));
    after.expect("RA 11:11(0) ack 6");
    after.expectSilence();
    after.end();
  }

  @Test
  void a_reset_that_nobody_answers_goes_again_until_the_guest_must_have_heard() {
    restore(move());
    List<Long> at = new ArrayList<>();
    long start = after.now();
    after.skip();
    for (int second = 0; second < 120; second++) {
      after.pass(Duration.ofSeconds(1));
      while (after.waiting() > 0) {
        after.expect("RA 11:11(0) ack 6");
        at.add((after.now() - start) / 1_000_000_000);
      }
    }
    assertEquals(List.of(1L, 4L, 14L, 44L), at);
    after.end();
  }

  /** RFC 5961: a guest that missed our last bytes asks back, and its number is the right one. */
  @Test
  void a_guest_that_is_behind_is_reset_by_its_own_number() {
    restore(move());
    after.expect("RA 11:11(0) ack 6");
    after.guest("A 6:6(0) ack 3");
    assertTrue((after.next().flags() & TcpView.RST) != 0);
    after.pass(Duration.ofMinutes(5));
    after.expectSilence();
    after.end();
  }

  @Test
  void a_guest_that_speaks_first_is_answered_and_not_told_again() {
    restore(move());
    after.skip();
    after.guest("PA 6:9(3) ack 11");
    assertEquals("R 11:11(0)", after.next().text());
    after.pass(Duration.ofMinutes(5));
    after.expectSilence();
    after.end();
  }

  @Test
  void a_guest_that_uses_the_two_ends_anew_is_left_in_peace() {
    restore(move());
    after.skip();
    after.connectPlain();
    after.pass(Duration.ofMinutes(5));
    after.expectSilence();
    assertEquals(TcpState.ESTABLISHED, after.state());
    after.end();
  }

  @Test
  void thousands_of_resets_go_out_a_few_at_a_time() {
    List<SavedFlow> saved = new ArrayList<>();
    for (int port = 1; port <= 1000; port++) {
      saved.add(
          new SavedFlow(
              TcpState.ESTABLISHED, Packets.GUEST, port, Packets.OUTSIDE, 80, 100, 100, 50));
    }
    after.stack.engine.restore(saved, false, after.now());
    after.stack.engine.onTime(after.now());
    assertEquals(64, after.waiting());
    after.pass(Duration.ofMillis(100));
    assertEquals(1000, after.waiting());
    after.skip();
    after.end();
  }

  // ---- in the engine that saved them ----

  @Test
  void a_connection_that_is_as_it_was_goes_on() {
    move();
    List<SavedFlow> saved = before.stack.engine.save();
    assertEquals(1, before.stack.engine.restore(saved, true, before.now()));
    before.pass(Duration.ofMinutes(1));
    before.expectSilence();
    before.hostSends(4);
    before.expect("PA 11:15(4) ack 6");
    before.end();
  }

  @Test
  void a_connection_that_went_on_since_is_broken_at_both_ends() {
    List<SavedFlow> saved = move();
    before.hostSends(4);
    before.expect("PA 11:15(4) ack 6");
    before.guest("A 6:6(0) ack 15");
    assertEquals(0, before.stack.engine.restore(saved, true, before.now()));
    before.pass(Duration.ZERO);
    before.expect("RA 11:11(0) ack 6");
    assertTrue(before.host().wasReset, "the outside is told too");
    assertEquals(TcpState.CLOSED, before.state());
    before.end();
  }

  @Test
  void a_connection_that_the_guest_has_not_made_yet_ends_without_a_word_to_it() {
    List<SavedFlow> saved = move();
    before.guestPort = 41_000;
    before.connectPlain();
    assertEquals(1, before.stack.engine.restore(saved, true, before.now()));
    before.pass(Duration.ofMinutes(5));
    before.expectSilence();
    assertTrue(before.host().wasReset);
    assertEquals(1, before.stack.engine.size());
    before.end();
  }

  @Test
  void what_comes_again_by_itself_or_has_ended_is_not_saved() {
    before.connectsAtOnce = false;
    before.guest("S 0:0(0) win 65535 <mss 1460>");
    assertEquals(List.of(), before.stack.engine.save());
    before.end();
  }
}
