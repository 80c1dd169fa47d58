package dev.dunlin.testing;

import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Seeded hostile bytes: pure noise, and valid packets with bits flipped, cut or stretched. */
public final class Fuzz {
  private Fuzz() {}

  /** Feeds {@code rounds} packets to {@code parser}; a failure names the seed. */
  public static void hostile(long seed, int rounds, byte[] valid, Consumer<byte[]> parser) {
    for (int i = 0; i < rounds; i++) {
      long thisSeed = seed + i;
      byte[] packet = mutate(new SplittableRandom(thisSeed), valid);
      try {
        parser.accept(packet);
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("seed " + thisSeed + " broke the parser", e);
      }
    }
  }

  /** One hostile packet. */
  public static byte[] mutate(SplittableRandom random, byte[] valid) {
    if (random.nextInt(5) == 0) {
      byte[] noise = new byte[random.nextInt(700)];
      random.nextBytes(noise);
      return noise;
    }
    int length = valid.length;
    switch (random.nextInt(3)) {
      case 0 -> length = random.nextInt(valid.length + 1);
      case 1 -> length += random.nextInt(64);
      default -> {}
    }
    byte[] packet = java.util.Arrays.copyOf(valid, length);
    for (int flips = random.nextInt(6); flips > 0 && length > 0; flips--) {
      int at = random.nextInt(length);
      packet[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (random.nextInt(3) - 1);
    }
    return packet;
  }
}
