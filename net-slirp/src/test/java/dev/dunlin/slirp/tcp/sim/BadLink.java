package dev.dunlin.slirp.tcp.sim;

import java.util.SplittableRandom;

/**
 * What becomes of a packet. Chances are in thousandths, times in nanoseconds.
 *
 * @param delay of every packet
 * @param jitter on top of it, up to so much: more than a packet's distance reorders
 */
record BadLink(int loss, int duplication, int reordering, long delay, long jitter) {

  static final long MICRO = 1000;
  static final long MILLI = 1_000_000;

  static BadLink perfect() {
    return new BadLink(0, 0, 0, 50 * MICRO, 0);
  }

  static BadLink lossy(int loss) {
    return new BadLink(loss, 0, 0, 500 * MICRO, 0);
  }

  /** One of many. */
  static BadLink random(SplittableRandom random) {
    return new BadLink(
        random.nextInt(3) == 0 ? 0 : random.nextInt(120),
        random.nextInt(2) == 0 ? 0 : random.nextInt(50),
        random.nextInt(2) == 0 ? 0 : random.nextInt(200),
        random.nextLong(5 * MICRO, 20 * MILLI),
        random.nextLong(1, 5 * MILLI));
  }

  boolean loses(SplittableRandom random) {
    return loss > 0 && random.nextInt(1000) < loss;
  }

  boolean doubles(SplittableRandom random) {
    return duplication > 0 && random.nextInt(1000) < duplication;
  }

  long time(SplittableRandom random) {
    boolean late = reordering > 0 && random.nextInt(1000) < reordering;
    return delay + (late ? random.nextLong(jitter + 1) : 0);
  }
}
