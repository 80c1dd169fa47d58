package dev.dunlin.slirp.tcp.sim;

import dev.dunlin.slirp.tcp.TcpConfig;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ten thousand conversations, each from its seed, over links of every badness. */
final class RandomConversationsTest {
  private static final int CONVERSATIONS = Integer.getInteger("dunlin.sim", 10_000);
  private static final long FIRST_SEED = Long.getLong("dunlin.sim.seed", 1);

  @Test
  void every_byte_arrives_and_nothing_is_left() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + CONVERSATIONS; seed++) {
      try {
        new Simulation(plan(seed), seed).run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("conversation of seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  private static Simulation.Plan plan(long seed) {
    SplittableRandom random = new SplittableRandom(seed * 7919);
    int mtu = pick(random, 576, 1400, 1500, 1500, 9000, 65_521);
    int mss = pick(random, 536, 1000, 1460, 8960, 65_481);
    boolean scale = random.nextBoolean();
    int buffer = scale ? random.nextInt(2000, 300_000) : random.nextInt(600, 65_535);
    SmallTcp.Traits guest =
        new SmallTcp.Traits(
            Math.min(mss, mtu - 40),
            buffer,
            random.nextInt(0, 8),
            scale,
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean());
    return new Simulation.Plan(
        guest,
        size(random),
        size(random),
        random.nextInt(1, 100_000),
        random.nextInt(500, 50_000),
        random.nextInt(500, 50_000),
        random.nextInt(3) == 0,
        false,
        random.nextInt(3) == 0,
        random.nextBoolean(),
        mtu,
        TcpConfig.standard().withBuffers(random.nextInt(1500, 1 << 20), 1 << 20, 64L << 20),
        BadLink.random(random));
  }

  private static long size(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> random.nextLong(100);
      case 2 -> random.nextLong(5000);
      default -> random.nextLong(100_000);
    };
  }

  private static int pick(SplittableRandom random, int... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
