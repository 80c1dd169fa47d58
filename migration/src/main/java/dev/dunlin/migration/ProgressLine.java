package dev.dunlin.migration;

import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.HmpCall;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows how far a migration is on one line that is written over, and takes it away at the end: for
 * a user who waits at a terminal. QEMU leaves him without a word. Loop thread.
 */
final class ProgressLine {
  private static final Duration STEP = Duration.ofMillis(250);
  private static final String ERASE = "\r\033[K";
  private static final double MIB = 1 << 20;

  private final MainLoop loop;
  private final OutgoingMigration migration;
  private final HmpCall.Suspension user;
  private boolean shown;
  private boolean over;

  ProgressLine(MainLoop loop, OutgoingMigration migration, HmpCall.Suspension user) {
    this.loop = loop;
    this.migration = migration;
    this.user = user;
  }

  /**
   * Nothing is shown where nothing can be written over, and nothing of a migration that is short.
   */
  void begin() {
    if (user.isTerminal()) {
      next();
    }
  }

  void end() {
    over = true;
    if (shown) {
      user.print(ERASE);
    }
  }

  private void next() {
    loop.schedule(
        STEP,
        () -> {
          if (!over && user.isTerminal()) {
            user.print(ERASE + text());
            shown = true;
            next();
          }
        });
  }

  private String text() {
    MigrationProgress progress = migration.figures().progress();
    long total = Math.max(1, progress.ram().total());
    long left = progress.ram().remaining();
    return String.format(
        Locale.ROOT,
        "Completed %d %%, %s, pass %d, %.0f MiB left, %.0f MiB/s",
        (total - left) * 100 / total,
        migration.status().qapiName(),
        progress.ram().syncs(),
        left / MIB,
        progress.mbps() * 1e6 / 8 / MIB);
  }
}
