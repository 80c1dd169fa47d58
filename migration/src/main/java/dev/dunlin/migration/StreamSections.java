package dev.dunlin.migration;

import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.ram.Differences;
import dev.dunlin.migration.ram.RamSaver;
import dev.dunlin.migration.ram.XbzrleCounters;
import dev.dunlin.migration.relay.HeldGuest;
import dev.dunlin.migration.stream.BlockSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.SavevmWriter;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.migration.stream.VmDescription;
import dev.dunlin.migration.vmstate.GlobalState;
import dev.dunlin.migration.vmstate.StateEntry;
import dev.dunlin.migration.vmstate.StateException;
import dev.dunlin.migration.vmstate.VmStateRegistry;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Which sections a machine's stream has, and in which order. Migration thread. */
final class StreamSections {
  private final Configuration configuration;
  private final StreamDialect dialect;
  private final boolean storeGlobalState;
  private final VmStateRegistry devices;
  private final Optional<HeldGuest> held;
  private final MigrationParameters parameters;
  private volatile Optional<Differences> differences = Optional.empty();

  StreamSections(
      Configuration configuration,
      StreamDialect dialect,
      boolean storeGlobalState,
      VmStateRegistry devices,
      MigrationParameters parameters) {
    this.parameters = parameters;
    this.configuration = configuration;
    this.held = devices.held();
    this.dialect =
        held.map(HeldGuest::dialect)
            .map(own -> own.withBlockSections(dialect.blockSections()))
            .orElse(dialect);
    this.storeGlobalState = storeGlobalState;
    this.devices = devices;
  }

  void begin(StreamOutput out, RamSaver ram) throws IOException {
    SavevmWriter writer = new SavevmWriter(out, dialect);
    if (held.isPresent()) {
      held.get().saveHeader(writer);
    } else {
      writer.header(configuration);
    }
    if (dialect.blockSections()) {
      writer.beginStart(dialect.blockSection(), BlockSection.IDSTR, 0, BlockSection.VERSION);
      BlockSection.saveEmpty(out);
      writer.endSection(dialect.blockSection());
    }
    // As in QEMU, pages that leave on connections of their own leave whole (ram_save_target_page).
    if (parameters.isOn(MigrationCapability.XBZRLE)
        && !parameters.isOn(MigrationCapability.MULTIFD)) {
      sendDifferences(ram);
    }
    writer.beginStart(dialect.ramSection(), RamSaver.IDSTR, 0, RamSaver.VERSION);
    ram.saveSetup();
    writer.endSection(dialect.ramSection());
  }

  private void sendDifferences(RamSaver ram) throws IOException {
    Differences what =
        new Differences(
            GuestMemoryFiles.best(),
            parameters.number(MigrationParameter.XBZRLE_CACHE_SIZE),
            ram.counters(0).total());
    ram.useDifferences(what);
    differences = Optional.of(what);
  }

  /** What sending differences has brought; empty when none are sent. Any thread. */
  Optional<XbzrleCounters> xbzrle() {
    return differences.map(Differences::counters);
  }

  void part(StreamOutput out, RamSaver ram, BooleanSupplier pause) throws IOException {
    SavevmWriter writer = new SavevmWriter(out, dialect);
    if (dialect.blockSections()) {
      writer.beginPart(dialect.blockSection());
      noDisks(writer);
    }
    if (differences.isPresent()) {
      differences.get().resize(parameters.number(MigrationParameter.XBZRLE_CACHE_SIZE));
    }
    writer.beginPart(dialect.ramSection());
    ram.saveSome(pause);
    writer.endSection(dialect.ramSection());
  }

  /** A PART that repeats; false when it ended before everything was repeated. */
  boolean repeat(StreamOutput out, RamSaver ram, long fromPosition, BooleanSupplier pause)
      throws IOException {
    SavevmWriter writer = new SavevmWriter(out, dialect);
    if (dialect.blockSections()) {
      writer.beginPart(dialect.blockSection());
      noDisks(writer);
    }
    writer.beginPart(dialect.ramSection());
    boolean all = ram.repeatRecent(fromPosition, pause);
    writer.endSection(dialect.ramSection());
    return all;
  }

  void end(StreamOutput out, RamSaver ram, BooleanSupplier abort) throws IOException {
    SavevmWriter writer = new SavevmWriter(out, dialect);
    if (dialect.blockSections()) {
      writer.beginEnd(dialect.blockSection());
      noDisks(writer);
    }
    writer.beginEnd(dialect.ramSection());
    ram.saveRest(abort);
    writer.endSection(dialect.ramSection());
  }

  /** Device state and the end of the stream. {@code before}: the run state that the guest had. */
  void devices(StreamOutput out, RunState before, MigrationJob.Host host, AbortSignal abort)
      throws IOException {
    SavevmWriter writer = new SavevmWriter(out, dialect);
    if (held.isPresent()) {
      held.get().saveDevices(writer);
      return;
    }
    VmDescription description = new VmDescription(RamBlock.PAGE_SIZE);
    int index = 0;
    if (GlobalState.isNeeded(storeGlobalState, before)) {
      GlobalState.save(writer, dialect.deviceSection(index++), before, description);
    }
    for (StateEntry entry : devices.entries()) {
      Optional<StateEntry.Content> content = stateOf(entry, host, abort);
      if (content.isPresent()) {
        save(writer, dialect.deviceSection(index++), entry, content.get());
        description.add(content.get().description());
      }
    }
    writer.finish(description);
  }

  private static void save(
      SavevmWriter writer, int section, StateEntry entry, StateEntry.Content content)
      throws IOException {
    writer.beginFull(section, entry.idstr(), entry.instance(), entry.version());
    writer.out().putBytes(content.bytes());
    writer.endSection(section);
  }

  /** Saved on the CPU's own thread: no VMM locks its devices against others. */
  private static Optional<StateEntry.Content> stateOf(
      StateEntry entry, MigrationJob.Host host, AbortSignal abort) throws IOException {
    CompletableFuture<Optional<StateEntry.Content>> saved = new CompletableFuture<>();
    var unused =
        host.atSafepoint(
            () -> {
              try {
                saved.complete(entry.save());
              } catch (StateException | RuntimeException e) {
                saved.completeExceptionally(e);
              }
            });
    try {
      return abort.await(saved);
    } catch (IllegalStateException e) {
      throw new IOException("failed to save " + entry.idstr() + ": " + reason(e.getCause()), e);
    }
  }

  private static String reason(@Nullable Throwable cause) {
    return cause instanceof StateException ? String.valueOf(cause.getMessage()) : cause + "";
  }

  /** The old machine's rounds are as empty as its START; QEMU 7.2 reports progress first. */
  private void noDisks(SavevmWriter writer) throws IOException {
    if (dialect.reportsDiskProgress()) {
      BlockSection.saveProgress(writer.out());
    } else {
      BlockSection.saveEmpty(writer.out());
    }
    writer.endSection(dialect.blockSection());
  }
}
