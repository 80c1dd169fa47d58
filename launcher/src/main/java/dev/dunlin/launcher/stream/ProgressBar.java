package dev.dunlin.launcher.stream;

import dev.dunlin.core.loop.Clock;
import java.io.PrintStream;
import java.util.OptionalLong;

/**
 * How far a long read has come, on stderr if that is a terminal: nothing for what is over at once,
 * and nothing is left of it at the end.
 */
final class ProgressBar implements AutoCloseable {
  private static final long FIRST_NANOS = 500_000_000L;
  private static final long NEXT_NANOS = 100_000_000L;
  private static final int WIDTH = 30;

  /** {@code on} when stderr is a terminal: the shell that starts this can tell at once. */
  private static final String WANTED = "dunlin.progress";

  private final Clock clock;
  private final PrintStream terminal;
  private final OptionalLong total;
  private final long start;
  private long next;
  private long done;
  private boolean shown;

  /**
   * @param total bytes, if that is known
   */
  ProgressBar(Clock clock, PrintStream terminal, OptionalLong total) {
    this.clock = clock;
    this.terminal = terminal;
    this.total = total;
    this.start = clock.nanoTime();
    this.next = "on".equals(System.getProperty(WANTED)) ? start + FIRST_NANOS : Long.MAX_VALUE;
  }

  void add(long bytes) {
    done += bytes;
    long now = clock.nanoTime();
    if (now < next) {
      return;
    }
    shown = true;
    next = now + NEXT_NANOS;
    terminal.print("\r" + line((now - start) / 1e9) + "\033[K");
    terminal.flush();
  }

  /** {@code [##### ] 45% 1.2 GiB 1180 MB/s}; without a total neither bar nor percentage. */
  String line(double seconds) {
    String figures =
        "%s  %.0f MB/s".formatted(Quantity.bytes(done), done / 1e6 / Math.max(seconds, 1e-3));
    if (total.isEmpty() || total.getAsLong() == 0) {
      return figures;
    }
    double part = Math.min(1, (double) done / total.getAsLong());
    int filled = (int) (part * WIDTH);
    return "[%s%s] %3.0f%%  %s"
        .formatted("#".repeat(filled), " ".repeat(WIDTH - filled), 100 * part, figures);
  }

  @Override
  public void close() {
    if (shown) {
      terminal.print("\r\033[K");
      terminal.flush();
      shown = false;
    }
    next = Long.MAX_VALUE;
  }
}
