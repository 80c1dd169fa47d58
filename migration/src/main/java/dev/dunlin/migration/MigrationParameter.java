package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.Booleans;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Numbers;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.Sizes;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.migration.multifd.Compression;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/**
 * QEMU 7.2's parameters with their defaults, ranges and words, in the order of {@code info
 * migrate_parameters} (migration/options, monitor/hmp-cmds.c). Those of features that can't be
 * switched on are kept and have no effect.
 */
public enum MigrationParameter {
  ANNOUNCE_INITIAL("announce-initial", Kind.SIZE, 50L, 0, 100_000, " ms"),
  ANNOUNCE_MAX("announce-max", Kind.SIZE, 550L, 0, 100_000, " ms"),
  ANNOUNCE_ROUNDS("announce-rounds", Kind.SIZE, 5L, 0, 1000, ""),
  ANNOUNCE_STEP("announce-step", Kind.SIZE, 100L, 1, 10_000, " ms"),
  COMPRESS_LEVEL("compress-level", Kind.UINT8, 1L, 0, 9, ""),
  COMPRESS_THREADS("compress-threads", Kind.UINT8, 8L, 1, 255, ""),
  COMPRESS_WAIT_THREAD("compress-wait-thread", Kind.BOOL, true, 0, 0, ""),
  DECOMPRESS_THREADS("decompress-threads", Kind.UINT8, 2L, 1, 255, ""),
  THROTTLE_TRIGGER_THRESHOLD("throttle-trigger-threshold", Kind.UINT8, 50L, 1, 100, ""),
  CPU_THROTTLE_INITIAL("cpu-throttle-initial", Kind.UINT8, 20L, 1, 99, ""),
  CPU_THROTTLE_INCREMENT("cpu-throttle-increment", Kind.UINT8, 10L, 1, 99, ""),
  CPU_THROTTLE_TAILSLOW("cpu-throttle-tailslow", Kind.BOOL, false, 0, 0, ""),
  MAX_CPU_THROTTLE("max-cpu-throttle", Kind.UINT8, 99L, 0, 99, ""),
  TLS_CREDS("tls-creds", Kind.TEXT, "", 0, 0, ""),
  TLS_HOSTNAME("tls-hostname", Kind.TEXT, "", 0, 0, ""),
  MAX_BANDWIDTH("max-bandwidth", Kind.BANDWIDTH, 128L << 20, 0, -1, " bytes/second"),
  DOWNTIME_LIMIT("downtime-limit", Kind.SIZE, 300L, 0, 2_000_000, " ms"),
  X_CHECKPOINT_DELAY("x-checkpoint-delay", Kind.UINT32, 20_000L, 0, 0xffffffffL, " ms"),
  BLOCK_INCREMENTAL("block-incremental", Kind.BOOL, false, 0, 0, ""),
  MULTIFD_CHANNELS("multifd-channels", Kind.UINT8, 2L, 1, 255, ""),
  MULTIFD_COMPRESSION("multifd-compression", Kind.COMPRESSION, "none", 0, 0, ""),
  XBZRLE_CACHE_SIZE("xbzrle-cache-size", Kind.SIZE, 64L << 20, 4096, -1, " bytes"),
  MAX_POSTCOPY_BANDWIDTH("max-postcopy-bandwidth", Kind.SIZE, 0L, 0, -1, ""),
  TLS_AUTHZ("tls-authz", Kind.TEXT, "", 0, 0, ""),
  MULTIFD_ZLIB_LEVEL("multifd-zlib-level", Kind.UINT8, 1L, 0, 9, ""),
  MULTIFD_ZSTD_LEVEL("multifd-zstd-level", Kind.UINT8, 1L, 0, 20, "");

  /** How a value is written. */
  enum Kind {
    SIZE,
    BANDWIDTH,
    UINT8,
    UINT32,
    BOOL,
    TEXT,
    COMPRESSION
  }

  static final ImmutableList<String> COMPRESSIONS = ImmutableList.of("none", "zlib", "zstd");

  private final String qapiName;
  private final Kind kind;
  private final Object initial;
  private final long least;
  private final long most;
  private final String unit;

  MigrationParameter(
      String qapiName, Kind kind, Object initial, long least, long most, String unit) {
    this.qapiName = qapiName;
    this.kind = kind;
    this.initial = initial;
    this.least = least;
    this.most = most;
    this.unit = unit;
  }

  public String qapiName() {
    return qapiName;
  }

  Kind kind() {
    return kind;
  }

  /** Long, Boolean or String. */
  Object initial() {
    return initial;
  }

  /** The human monitor doesn't list the levels of multifd's compressors. */
  boolean isListed() {
    return this != MULTIFD_ZLIB_LEVEL && this != MULTIFD_ZSTD_LEVEL;
  }

  static Optional<MigrationParameter> named(String name) {
    return Arrays.stream(values()).filter(p -> p.qapiName.equals(name)).findFirst();
  }

  /** A value typed at the human monitor. */
  Object parse(String text) throws OptionException {
    return switch (kind) {
      case SIZE -> Sizes.parameter(qapiName, text, 'B');
      case BANDWIDTH -> bandwidth(text);
      case UINT8 -> unsigned(text, 0xff, "uint8_t");
      case UINT32 -> unsigned(text, 0xffffffffL, "uint32_t");
      case BOOL -> Booleans.parameter(qapiName, text);
      case TEXT -> text;
      case COMPRESSION -> compression(text);
    };
  }

  /** A value from QMP, whose JSON type the schema has checked. */
  Object ofJson(Object value) throws MonitorException {
    if (!(value instanceof Number number)) {
      return value;
    }
    if (!(value instanceof Long || value instanceof BigInteger)) {
      throw new MonitorException("Parameter '" + qapiName + "' expects uint64");
    }
    long bits = number.longValue();
    long limit =
        switch (kind) {
          case UINT8 -> 0xff;
          case UINT32 -> 0xffffffffL;
          default -> -1;
        };
    if (Long.compareUnsigned(bits, limit) > 0) {
      throw new MonitorException(
          "Parameter '" + qapiName + "' expects " + (kind == Kind.UINT8 ? "uint8_t" : "uint32_t"));
    }
    return bits;
  }

  /** Checks a value of the right type against the parameter's range, in QEMU's words. */
  void check(Object value, MigrationParameters others) throws OptionException {
    if (kind == Kind.TEXT && !value.equals("")) {
      throw new OptionException(
          "Parameter '" + qapiName + "' can't be set: Dunlin has no TLS for migration");
    }
    if (kind == Kind.COMPRESSION) {
      Optional<String> whyNot = Compression.named((String) value).whyNot();
      if (whyNot.isPresent()) {
        throw new OptionException(
            "Parameter '" + qapiName + "' can't be '" + value + "': " + whyNot.get());
      }
    }
    if (!(value instanceof Long number)) {
      return;
    }
    long low = this == MAX_CPU_THROTTLE ? others.number(CPU_THROTTLE_INITIAL) : least;
    boolean inRange =
        Long.compareUnsigned(number, low) >= 0 && Long.compareUnsigned(number, most) <= 0;
    boolean powerOfTwo = this != XBZRLE_CACHE_SIZE || Long.bitCount(number) == 1;
    if (!inRange || !powerOfTwo) {
      throw new OptionException(
          "Parameter '" + qapiName.replace('-', '_') + "' expects " + expectation());
    }
  }

  /** What the human monitor shows after the name. */
  String show(Object value) {
    return switch (kind) {
      case TEXT -> "'" + value + "'";
      case BOOL -> value.equals(true) ? "on" : "off";
      case COMPRESSION -> value.toString();
      default -> Long.toUnsignedString((Long) value) + unit;
    };
  }

  private String expectation() {
    return switch (this) {
      case THROTTLE_TRIGGER_THRESHOLD, CPU_THROTTLE_INITIAL, CPU_THROTTLE_INCREMENT ->
          "an integer in the range of " + least + " to " + most;
      case MAX_CPU_THROTTLE -> "an integer in the range of cpu_throttle_initial to " + most;
      case DOWNTIME_LIMIT -> "an integer in the range of 0 to (2000 * 1000) ms";
      case XBZRLE_CACHE_SIZE -> "a power of two no less than the target page size";
      case ANNOUNCE_STEP -> "a value between 0 and 10000";
      default -> "a value between " + least + " and " + most;
    };
  }

  /** Mebibytes unless a suffix says otherwise. */
  private static Long bandwidth(String text) throws OptionException {
    if (Sizes.parse(text, 'M') instanceof NumberText.Value value) {
      return value.bits();
    }
    throw new OptionException("Invalid size " + text);
  }

  private Long unsigned(String text, long limit, String type) throws OptionException {
    if (!(Numbers.parse(text) instanceof NumberText.Value value)) {
      throw new OptionException("Parameter '" + qapiName + "' expects uint64");
    }
    if (Long.compareUnsigned(value.bits(), limit) > 0) {
      throw new OptionException("Parameter '" + qapiName + "' expects " + type);
    }
    return value.bits();
  }

  private String compression(String text) throws OptionException {
    if (COMPRESSIONS.contains(text)) {
      return text;
    }
    throw new OptionException("Parameter '" + qapiName + "' does not accept value '" + text + "'");
  }
}
