package dev.dunlin.migration;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.migration.ram.XbzrleCounters;
import java.util.Locale;

/** XBZRLE's part of {@code info migrate} and {@code query-migrate}, as QEMU 7.2 has it. */
final class XbzrleReport {
  private XbzrleReport() {}

  static String text(XbzrleCounters xbzrle) {
    return String.format(
        Locale.ROOT,
        """
        cache size: %d bytes
        xbzrle transferred: %d kbytes
        xbzrle pages: %d pages
        xbzrle cache miss: %d pages
        xbzrle cache miss rate: %.2f
        xbzrle encoding rate: %.2f
        xbzrle overflow: %d
        """,
        xbzrle.cacheSize(),
        xbzrle.bytes() >> 10,
        xbzrle.pages(),
        xbzrle.cacheMisses(),
        xbzrle.cacheMissRate(),
        xbzrle.encodingRate(),
        xbzrle.overflows());
  }

  static ImmutableMap<String, Object> of(XbzrleCounters xbzrle) {
    return ImmutableMap.<String, Object>builder()
        .put("encoding-rate", xbzrle.encodingRate())
        .put("bytes", xbzrle.bytes())
        .put("cache-size", xbzrle.cacheSize())
        .put("cache-miss-rate", xbzrle.cacheMissRate())
        .put("pages", xbzrle.pages())
        .put("overflow", xbzrle.overflows())
        .put("cache-miss", xbzrle.cacheMisses())
        .buildOrThrow();
  }
}
