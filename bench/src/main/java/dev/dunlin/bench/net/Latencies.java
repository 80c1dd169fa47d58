package dev.dunlin.bench.net;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Times an exchange again and again. */
final class Latencies {
  private static final int MOST = 1 << 20;

  private Latencies() {}

  interface Exchange {
    void run() throws IOException;
  }

  /** The median, in microseconds. */
  static double over(long millis, Exchange exchange) throws IOException {
    long[] nanos = new long[MOST];
    int count = 0;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long before = System.nanoTime();
    while (before - end < 0 && count < MOST) {
      exchange.run();
      long after = System.nanoTime();
      nanos[count++] = after - before;
      before = after;
    }
    Arrays.sort(nanos, 0, count);
    return nanos[count / 2] / 1e3;
  }
}
