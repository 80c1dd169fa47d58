package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.migration.channel.IncomingOpener.SocketName;
import dev.dunlin.migration.ram.RamCounters;
import dev.dunlin.ram.RamBlock;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * {@code info migrate} and {@code query-migrate}, figure for figure as QEMU 7.2 has them
 * (monitor/hmp-cmds.c, qapi/migration.json). Loop thread.
 */
final class MigrationReport {
  private final OutgoingMigration outgoing;
  private final IncomingMigration incoming;
  private final MigrationOptions options;

  MigrationReport(
      OutgoingMigration outgoing, IncomingMigration incoming, MigrationOptions options) {
    this.outgoing = outgoing;
    this.incoming = incoming;
    this.options = options;
  }

  /** The human monitor's text. */
  String text() {
    StringBuilder text = new StringBuilder(globals());
    MigrationStatus status = status();
    if (status != MigrationStatus.NONE && !isOnlyListening()) {
      text.append("Migration status: ").append(status.qapiName());
      if (status == MigrationStatus.FAILED && !error().isEmpty()) {
        text.append(" (").append(error()).append(')');
      }
      text.append("\ntotal time: ")
          .append(hasFigures() ? outgoing.totalMillis() : 0)
          .append(" ms\n");
    }
    if (hasFigures()) {
      text.append(figures());
      outgoing.xbzrle().ifPresent(figures -> text.append(XbzrleReport.text(figures)));
    }
    if (outgoing.throttlePercent() > 0) {
      text.append(line("cpu throttle percentage", String.valueOf(outgoing.throttlePercent())));
    }
    incoming.address().ifPresent(name -> text.append(socketText(name)));
    return text.toString();
  }

  /** The machine monitor's object. */
  ImmutableMap<String, Object> object() {
    ImmutableMap.Builder<String, Object> object = ImmutableMap.builder();
    MigrationStatus status = status();
    if (status != MigrationStatus.NONE && !isOnlyListening()) {
      object.put("status", status.qapiName());
      if (status == MigrationStatus.FAILED && !error().isEmpty()) {
        object.put("error-desc", error());
      }
    }
    if (hasFigures()) {
      object.put("total-time", outgoing.totalMillis());
      object.put("setup-time", outgoing.figures().setupMillis());
      object.put(
          isOver() ? "downtime" : "expected-downtime",
          isOver()
              ? outgoing.figures().downtimeMillis()
              : outgoing.figures().progress().expectedDowntime());
      object.put("ram", ram());
      outgoing.xbzrle().ifPresent(figures -> object.put("xbzrle-cache", XbzrleReport.of(figures)));
    }
    if (outgoing.throttlePercent() > 0) {
      object.put("cpu-throttle-percentage", (long) outgoing.throttlePercent());
    }
    incoming
        .address()
        .ifPresent(name -> object.put("socket-address", ImmutableList.of(socket(name))));
    return object.buildOrThrow();
  }

  /**
   * A machine that was a destination once may be a source later; the source's status then counts.
   */
  private MigrationStatus status() {
    return outgoing.status() == MigrationStatus.NONE ? incoming.status() : outgoing.status();
  }

  private String error() {
    return outgoing.status() == MigrationStatus.NONE ? incoming.error() : outgoing.error();
  }

  /** QEMU shows no status before the other side has come. */
  private boolean isOnlyListening() {
    return outgoing.status() == MigrationStatus.NONE && incoming.status() == MigrationStatus.SETUP;
  }

  private boolean hasFigures() {
    return switch (outgoing.status()) {
      case ACTIVE, CANCELLING, COMPLETED, PRE_SWITCHOVER, DEVICE -> true;
      default -> false;
    };
  }

  private boolean isOver() {
    return outgoing.status() == MigrationStatus.COMPLETED;
  }

  private String globals() {
    return "globals:\n"
        + line("store-global-state", onOff(options.storeGlobalState()))
        + line("only-migratable", "off")
        + line("send-configuration", onOff(options.dialect().configuration()))
        + line("send-section-footer", onOff(options.dialect().footers()))
        + line("decompress-error-check", onOff(options.decompressErrorCheck()))
        + line("clear-bitmap-shift", String.valueOf(options.clearBitmapShift()));
  }

  private String figures() {
    MigrationProgress progress = outgoing.figures().progress();
    RamCounters ram = progress.ram();
    StringBuilder text = new StringBuilder();
    text.append(
        isOver()
            ? line("downtime", outgoing.figures().downtimeMillis() + " ms")
            : line("expected downtime", progress.expectedDowntime() + " ms"));
    text.append(line("setup", outgoing.figures().setupMillis() + " ms"));
    text.append(line("transferred ram", kbytes(ram.transferred())));
    text.append(line("throughput", twoDecimals(progress.mbps()) + " mbps"));
    text.append(line("remaining ram", kbytes(ram.remaining())));
    text.append(line("total ram", kbytes(ram.total())));
    text.append(line("duplicate", ram.zeroPages() + " pages"));
    text.append(line("skipped", "0 pages"));
    text.append(line("normal", ram.normalPages() + " pages"));
    text.append(line("normal bytes", kbytes(ram.normalPages() * RamBlock.PAGE_SIZE)));
    text.append(line("dirty sync count", String.valueOf(ram.syncs())));
    text.append(line("page size", kbytes(RamBlock.PAGE_SIZE)));
    text.append(line("multifd bytes", kbytes(ram.multifdBytes())));
    text.append(line("pages-per-second", String.valueOf(progress.pagesPerSecond())));
    if (ram.dirtyPagesRate() > 0) {
      text.append(line("dirty pages rate", ram.dirtyPagesRate() + " pages"));
    }
    if (ram.precopyBytes() > 0) {
      text.append(line("precopy ram", kbytes(ram.precopyBytes())));
    }
    if (ram.downtimeBytes() > 0) {
      text.append(line("downtime ram", kbytes(ram.downtimeBytes())));
    }
    return text.toString();
  }

  private ImmutableMap<String, Object> ram() {
    MigrationProgress progress = outgoing.figures().progress();
    RamCounters ram = progress.ram();
    return ImmutableMap.<String, Object>builder()
        .put("total", ram.total())
        .put("postcopy-requests", 0L)
        .put("dirty-sync-count", ram.syncs())
        .put("multifd-bytes", ram.multifdBytes())
        .put("pages-per-second", progress.pagesPerSecond())
        .put("downtime-bytes", ram.downtimeBytes())
        .put("page-size", (long) RamBlock.PAGE_SIZE)
        .put("remaining", ram.remaining())
        .put("postcopy-bytes", 0L)
        .put("mbps", progress.mbps())
        .put("transferred", ram.transferred())
        .put("dirty-sync-missed-zero-copy", 0L)
        .put("precopy-bytes", ram.precopyBytes())
        .put("duplicate", ram.zeroPages())
        .put("dirty-pages-rate", ram.dirtyPagesRate())
        .put("skipped", 0L)
        .put("normal-bytes", ram.normalPages() * RamBlock.PAGE_SIZE)
        .put("normal", ram.normalPages())
        .buildOrThrow();
  }

  private static String socketText(SocketName name) {
    return "socket address: [\n\t"
        + (name instanceof SocketName.Inet inet
            ? "tcp:" + inet.host() + ":" + inet.port()
            : "unix:" + ((SocketName.Unix) name).path())
        + "\n]\n";
  }

  private static ImmutableMap<String, Object> socket(SocketName name) {
    if (name instanceof SocketName.Inet inet) {
      boolean v6 = inet.host().contains(":");
      return ImmutableMap.of(
          "port",
          String.valueOf(inet.port()),
          v6 ? "ipv6" : "ipv4",
          true,
          "host",
          inet.host(),
          "type",
          "inet");
    }
    return ImmutableMap.of("path", ((SocketName.Unix) name).path(), "type", "unix");
  }

  private static String line(String name, String value) {
    return name + ": " + value + "\n";
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  private static String kbytes(long bytes) {
    return (bytes >> 10) + " kbytes";
  }

  private static String twoDecimals(double value) {
    return BigDecimal.valueOf(value).setScale(2, RoundingMode.HALF_EVEN).toPlainString();
  }
}
