package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.AbortedException;
import dev.dunlin.migration.channel.IncomingChannel;
import dev.dunlin.migration.channel.IncomingOpener.Listener;
import dev.dunlin.migration.ram.PageChannels;
import dev.dunlin.migration.ram.RamLoader;
import dev.dunlin.migration.ram.StagedTarget;
import dev.dunlin.migration.relay.RelayLoad;
import dev.dunlin.migration.stream.BlockSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SavevmReader;
import dev.dunlin.migration.stream.SectionLoader;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.vmstate.GlobalState;
import dev.dunlin.migration.vmstate.StateEntry;
import dev.dunlin.migration.vmstate.VmStateRegistry;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.RamFileProvider;
import dev.dunlin.ram.StagedRam;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;

/**
 * Loads one stream: everything is read and checked first, RAM into a staging area, and only a
 * stream that is good to its end is applied, at a safepoint. On the incoming migration's thread.
 */
final class IncomingLoader {
  /**
   * What a stream is loaded into.
   *
   * @param uuid the machine's own, when it was given one
   */
  record Machine(
      GuestRam ram,
      String type,
      StreamDialect dialect,
      Optional<UUID> uuid,
      VmStateRegistry devices,
      RamFileProvider files) {}

  /** How it ended. */
  sealed interface Verdict {}

  /** The machine is as the stream says; {@code source} is the run state it tells of. */
  record Loaded(Optional<RunState> source, ImmutableList<String> remarks) implements Verdict {}

  /** The machine is as it was. */
  record Refused(ImmutableList<String> lines) implements Verdict {}

  /** The emulator ends. */
  record Abandoned() implements Verdict {}

  private final Machine machine;
  private final Function<Runnable, CompletionStage<Void>> atSafepoint;
  private final AbortSignal abort;
  private final List<String> remarks = new ArrayList<>();

  IncomingLoader(
      Machine machine, Function<Runnable, CompletionStage<Void>> atSafepoint, AbortSignal abort) {
    this.machine = machine;
    this.atSafepoint = atSafepoint;
    this.abort = abort;
  }

  /** Waits for the other side, tells {@code connected}, and loads. Never throws. */
  Verdict load(Listener listener, Runnable connected) {
    try (IncomingChannel channel = listener.accept()) {
      connected.run();
      return load(channel);
    } catch (AbortedException e) {
      return new Abandoned();
    } catch (IOException e) {
      return refused(List.of(String.valueOf(e.getMessage())), LoadException.Kind.IO);
    } catch (RuntimeException | Error e) {
      LogManager.getLogger(IncomingLoader.class).error("incoming migration ended by a defect", e);
      return refused(List.of("internal error: " + e), LoadException.Kind.IO);
    }
  }

  private Verdict load(IncomingChannel channel) throws IOException {
    StreamInput in = new StreamInput(channel);
    if (machine.ram().isAwaited()) {
      return loadGuest(in, channel);
    }
    GlobalState global = new GlobalState();
    List<StateEntry.Staged> devices =
        machine.devices().entries().stream().map(StateEntry::stage).toList();
    try (StagedRam staged = StagedRam.over(machine.ram(), machine.files());
        PageChannels pages = channel.receiveInto(new StagedTarget(staged))) {
      List<SectionLoader> loaders = new ArrayList<>(devices);
      loaders.add(global);
      loaders.add(new BlockSection(remarks::add));
      RamLoader ram = new RamLoader(new StagedTarget(staged));
      ram.atSectionEnd(pages);
      loaders.add(ram);
      Configuration own = Configuration.of(machine.type(), machine.uuid());
      new SavevmReader(in, machine.dialect(), own, loaders, remarks::add).load();
      change(() -> apply(devices, staged));
      return new Loaded(global.received(), ImmutableList.copyOf(remarks));
    } catch (LoadException e) {
      abort.check();
      return explain(e, in, channel);
    }
  }

  /** A relay becomes whatever comes; pages beside the stream would come before it says of what. */
  private Verdict loadGuest(StreamInput in, IncomingChannel channel) throws IOException {
    if (channel.hasPageConnections()) {
      String sentence = "a relay takes no multifd: switch the capability off on both sides";
      return refused(List.of(sentence), LoadException.Kind.UNSUPPORTED);
    }
    try (RelayLoad load =
        new RelayLoad(machine.ram(), machine.uuid(), machine.files(), remarks::add)) {
      load.read(in);
      change(() -> machine.devices().hold(load.apply()));
      return new Loaded(Optional.of(RunState.PAUSED), ImmutableList.copyOf(remarks));
    } catch (LoadException e) {
      abort.check();
      return explain(e, in, channel);
    }
  }

  /**
   * Makes the machine what the stream says, unless the emulator ends. A stream that was cut off by
   * that, while only its description was still to come, looks as good as a whole one.
   */
  private void change(Runnable change) throws AbortedException {
    abort.check();
    abort.await(
        atSafepoint.apply(
            () -> {
              if (!abort.isTriggered()) {
                change.run();
              }
            }));
  }

  /** A device's load may wipe RAM, so RAM comes after; last everyone hears that all is in place. */
  private void apply(List<StateEntry.Staged> devices, StagedRam staged) {
    devices.forEach(StateEntry.Staged::apply);
    staged.apply();
    machine.devices().entries().forEach(StateEntry::afterLoad);
  }

  /**
   * QEMU waits for ever, or says only what the zeroes past the end mean, when nothing came at all;
   * so what the other side has to say is added.
   */
  private Verdict explain(LoadException e, StreamInput in, IncomingChannel channel) {
    List<String> lines = new ArrayList<>(remarks);
    LoadException.Kind kind = e.kind();
    if (in.position() == 0 && in.failure().isPresent()) {
      lines.add("The migration stream is empty");
      kind = LoadException.Kind.IO;
    } else {
      lines.addAll(e.lines());
    }
    if (in.failure().isPresent()) {
      lines.addAll(channel.lastWords());
    }
    return refused(lines, kind);
  }

  private static Refused refused(List<String> lines, LoadException.Kind kind) {
    return new Refused(
        ImmutableList.<String>builder()
            .addAll(lines)
            .add("load of migration failed: " + kind.text())
            .build());
  }
}
