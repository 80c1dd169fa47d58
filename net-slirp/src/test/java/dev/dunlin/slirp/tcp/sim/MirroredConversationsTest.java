package dev.dunlin.slirp.tcp.sim;

import org.junit.jupiter.api.Test;

/** The engine against itself with the roles swapped, opened by one side or by both at once. */
final class MirroredConversationsTest {
  private static final int CONVERSATIONS = 1000;

  @Test
  void every_byte_arrives_and_nothing_is_left() {
    for (long seed = 1; seed <= CONVERSATIONS; seed++) {
      try {
        new Mirror(seed).run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("conversation of seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
