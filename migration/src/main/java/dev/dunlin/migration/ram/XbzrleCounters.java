package dev.dunlin.migration.ram;

/**
 * What sending differences has brought so far; QEMU's XBZRLECacheStats.
 *
 * @param bytes sent for pages that were remembered, as differences or whole
 * @param pages that were remembered
 * @param cacheMisses pages that weren't
 * @param cacheMissRate share of the pages of the last round that weren't
 * @param encodingRate bytes of pages for each byte sent, in the last round
 * @param overflows pages of which nearly everything differed, so that they went whole
 */
public record XbzrleCounters(
    long cacheSize,
    long bytes,
    long pages,
    long cacheMisses,
    double cacheMissRate,
    double encodingRate,
    long overflows) {}
