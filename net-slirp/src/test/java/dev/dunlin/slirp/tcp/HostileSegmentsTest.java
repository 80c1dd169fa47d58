package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever a guest sends, nothing is thrown, nothing grows, nothing is left. */
final class HostileSegmentsTest {
  private static final int SEGMENTS = 300;
  private static final int CONVERSATIONS = 200;

  @Test
  void random_segments_around_a_live_connection_harm_nothing_else() {
    for (int seed = 0; seed < CONVERSATIONS; seed++) {
      try {
        converse(new SplittableRandom(seed));
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static void converse(SplittableRandom random) {
    TcpScript script = new TcpScript();
    script.checksText = false;
    script.connect();
    ScriptHost host = script.host();
    for (int i = 0; i < SEGMENTS; i++) {
      byte[] options = new byte[random.nextInt(11) * 4];
      random.nextBytes(options);
      if (random.nextBoolean()) {
        options = new byte[0];
      }
      byte[] text = new byte[random.nextInt(4) == 0 ? random.nextInt(3000) : 0];
      script.send(
          near(random, TcpScript.GUEST_INITIAL + 1),
          near(random, script.ourInitial() + 1),
          random.nextInt(256),
          random.nextInt(0x10000),
          options,
          text);
      if (!host.isOver() && random.nextInt(8) == 0) {
        script.hostSends(random.nextInt(5000));
      }
      script.passMillis(random.nextInt(300));
      script.skip();
      assertTrue(script.stack.engine.buffersInUse() < 40, "buffers");
      assertTrue(script.stack.engine.size() <= 2, "flows");
    }
    script.end();
  }

  private static int near(SplittableRandom random, int number) {
    return switch (random.nextInt(4)) {
      case 0 -> number;
      case 1 -> number + random.nextInt(-3000, 3000);
      case 2 -> number + random.nextInt(-100_000, 2_000_000);
      default -> random.nextInt();
    };
  }
}
