package dev.dunlin.migration;

import java.util.OptionalInt;

/**
 * Decides how much a guest that writes faster than it is sent has to slow down: QEMU's
 * auto-converge (migration/ram.c). Migration thread.
 */
final class AutoConverge {
  private final MigrationParameters parameters;
  private int highPeriods;

  AutoConverge(MigrationParameters parameters) {
    this.parameters = parameters;
  }

  /**
   * The percentage for the guest after one more period; empty: as it is. Every second period in
   * which the guest dirtied more than {@code throttle-trigger-threshold} percent of what was sent
   * makes it slower.
   *
   * @param percentNow what the guest loses now, 0 for nothing
   */
  OptionalInt after(DirtyRate.Period period, int percentNow) {
    long allowed =
        period.sent() * parameters.number(MigrationParameter.THROTTLE_TRIGGER_THRESHOLD) / 100;
    if (period.dirtied() <= allowed || ++highPeriods < 2) {
      return OptionalInt.empty();
    }
    highPeriods = 0;
    if (percentNow == 0) {
      return OptionalInt.of((int) parameters.number(MigrationParameter.CPU_THROTTLE_INITIAL));
    }
    long most = parameters.number(MigrationParameter.MAX_CPU_THROTTLE);
    long more = increment(percentNow, (double) allowed / period.dirtied());
    return OptionalInt.of((int) Math.min(percentNow + more, most));
  }

  /** With {@code cpu-throttle-tailslow} no more than makes the rates meet. */
  private long increment(int percentNow, double ratio) {
    long step = parameters.number(MigrationParameter.CPU_THROTTLE_INCREMENT);
    if (!parameters.flag(MigrationParameter.CPU_THROTTLE_TAILSLOW)) {
      return step;
    }
    double share = 100 - percentNow;
    return Math.min((long) (share - share * ratio), step);
  }
}
