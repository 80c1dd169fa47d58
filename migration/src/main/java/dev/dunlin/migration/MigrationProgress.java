package dev.dunlin.migration;

import dev.dunlin.migration.ram.RamCounters;

/**
 * How far a migration is, published by its thread now and then and whole, so that a reader never
 * sees half of an update.
 *
 * @param streamBytes everything sent, RAM and the rest
 * @param expectedDowntime milliseconds
 */
record MigrationProgress(
    RamCounters ram, long streamBytes, double mbps, long pagesPerSecond, long expectedDowntime) {
  static MigrationProgress start(long totalRam, long downtimeLimit) {
    return new MigrationProgress(
        new RamCounters(totalRam, totalRam, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0, 0, downtimeLimit);
  }
}
