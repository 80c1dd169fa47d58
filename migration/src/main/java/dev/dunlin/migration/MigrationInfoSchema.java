package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.util.Arrays;

/** The types of {@code query-migrate}'s answer (qapi/migration.json). */
final class MigrationInfoSchema {
  private static final QmpType RAM =
      new QmpType.Struct(
          "MigrationStats",
          ImmutableList.of(
              integer("transferred"),
              integer("remaining"),
              integer("total"),
              integer("duplicate"),
              integer("skipped"),
              integer("normal"),
              integer("normal-bytes"),
              integer("dirty-pages-rate"),
              Parameter.required("mbps", QmpType.NUMBER),
              integer("dirty-sync-count"),
              integer("postcopy-requests"),
              integer("page-size"),
              integer("multifd-bytes"),
              integer("pages-per-second"),
              integer("precopy-bytes"),
              integer("downtime-bytes"),
              integer("postcopy-bytes"),
              integer("dirty-sync-missed-zero-copy")));

  private static final QmpType XBZRLE =
      new QmpType.Struct(
          "XBZRLECacheStats",
          ImmutableList.of(
              integer("cache-size"),
              integer("bytes"),
              integer("pages"),
              integer("cache-miss"),
              Parameter.required("cache-miss-rate", QmpType.NUMBER),
              Parameter.required("encoding-rate", QmpType.NUMBER),
              integer("overflow")));

  private static final QmpType SOCKET =
      new QmpType.Struct(
          "SocketAddress",
          ImmutableList.of(
              Parameter.required(
                  "type",
                  new QmpType.EnumOf("SocketAddressType", ImmutableList.of("inet", "unix"))),
              Parameter.optional("host", QmpType.STRING),
              Parameter.optional("port", QmpType.STRING),
              Parameter.optional("ipv4", QmpType.BOOL),
              Parameter.optional("ipv6", QmpType.BOOL),
              Parameter.optional("path", QmpType.STRING)));

  static final QmpType INFO =
      new QmpType.Struct(
          "MigrationInfo",
          ImmutableList.of(
              Parameter.optional(
                  "status",
                  new QmpType.EnumOf(
                      "MigrationStatus",
                      Arrays.stream(MigrationStatus.values())
                          .map(MigrationStatus::qapiName)
                          .collect(ImmutableList.toImmutableList()))),
              Parameter.optional("ram", RAM),
              Parameter.optional("xbzrle-cache", XBZRLE),
              Parameter.optional("total-time", QmpType.INT),
              Parameter.optional("expected-downtime", QmpType.INT),
              Parameter.optional("downtime", QmpType.INT),
              Parameter.optional("setup-time", QmpType.INT),
              Parameter.optional("cpu-throttle-percentage", QmpType.INT),
              Parameter.optional("error-desc", QmpType.STRING),
              Parameter.optional("socket-address", new QmpType.ListOf(SOCKET))));

  private MigrationInfoSchema() {}

  private static Parameter integer(String name) {
    return Parameter.required(name, QmpType.INT);
  }
}
