package dev.dunlin.migration;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.ChannelException;
import dev.dunlin.migration.channel.ChannelUri;
import dev.dunlin.migration.channel.IncomingOpener;
import dev.dunlin.migration.channel.IncomingOpener.Listener;
import dev.dunlin.migration.channel.IncomingOpener.SocketName;
import dev.dunlin.migration.multifd.MultifdListener;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The machine as a destination: it waits in {@code inmigrate} for one stream. Loop thread.
 *
 * <p>A stream that is refused changes nothing. After {@code -incoming defer} another one may then
 * be asked for; QEMU ends in that case. An address on the command line that brings no good stream
 * ends the emulator with status 1, as QEMU does.
 */
public final class IncomingMigration {
  private final Emulator emulator;
  private final MainLoop loop;
  private final RunControl run;
  private final MigrationParameters parameters;
  private final IncomingLoader.Machine machine;
  private final UUID uuid;
  private final Consumer<String> complaints;
  private final IncomingOpener opener;

  private boolean expected;
  private boolean deferred;
  private boolean over;
  private MigrationStatus status = MigrationStatus.NONE;
  private String error = "";
  private @Nullable StreamReading reading;

  IncomingMigration(
      Emulator emulator,
      MigrationParameters parameters,
      IncomingLoader.Machine machine,
      Consumer<String> complaints) {
    this.emulator = emulator;
    this.loop = emulator.loop();
    this.run = emulator.run();
    this.parameters = parameters;
    this.machine = machine;
    this.uuid = machine.uuid().orElse(MigrationModule.NO_UUID);
    this.complaints = complaints;
    this.opener = new IncomingOpener(emulator.children(), loop, emulator.fds()::take);
  }

  public MigrationStatus status() {
    return status;
  }

  public String error() {
    return error;
  }

  /** Where it listens, while it does. */
  Optional<SocketName> address() {
    StreamReading now = reading;
    return now == null ? Optional.empty() : now.address();
  }

  /** {@code -incoming}: the machine waits; {@code defer} says that the address comes later. */
  public void expect(String uri) throws ChannelException {
    loop.assertOnLoop();
    expected = true;
    run.transition(RunState.INMIGRATE);
    deferred = uri.equals("defer");
    if (!deferred) {
      listen(uri);
    }
  }

  /** {@code migrate_incoming}. */
  public void start(String uri) throws MonitorException {
    loop.assertOnLoop();
    if (!expected) {
      throw new MonitorException("'-incoming' was not specified on the command line");
    }
    if (!deferred || reading != null || over) {
      throw new MonitorException("The incoming migration has already been started");
    }
    try {
      listen(uri);
    } catch (ChannelException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  /** Stops waiting because the emulator ends. */
  public void stop() {
    StreamReading now = reading;
    if (now != null) {
      reading = null;
      now.end();
    }
  }

  private void listen(String uri) throws ChannelException {
    become(MigrationStatus.SETUP);
    error = "";
    AbortSignal abort;
    try {
      abort = AbortSignal.open();
    } catch (PosixException e) {
      throw new ChannelException(String.valueOf(e.getMessage()), e);
    }
    try {
      Listener plain = opener.listen(ChannelUri.parse(uri), abort);
      begin(new StreamReading(new MultifdListener(plain, this::multifd), abort));
    } catch (IOException e) {
      abort.close();
      error = String.valueOf(e.getMessage());
      become(MigrationStatus.FAILED);
      throw e instanceof ChannelException known ? known : new ChannelException(error, e);
    }
  }

  private void begin(StreamReading next) {
    reading = next;
    next.begin(
        "incoming migration",
        machine,
        run,
        loop,
        () -> {
          if (reading == next) {
            become(MigrationStatus.ACTIVE);
          }
        },
        verdict -> {
          if (reading == next) {
            reading = null;
            next.end();
            conclude(verdict);
          }
        });
  }

  private void conclude(IncomingLoader.Verdict verdict) {
    if (verdict instanceof IncomingLoader.Loaded loaded) {
      succeeded(loaded.source(), loaded.remarks());
    } else if (verdict instanceof IncomingLoader.Refused no) {
      refused(no.lines());
    }
  }

  /** Any thread. */
  private Optional<MultifdListener.Settings> multifd() {
    return parameters.isOn(MigrationCapability.MULTIFD)
        ? Optional.of(
            new MultifdListener.Settings(
                parameters.multifdChannels(), parameters.multifdCompression(), uuid))
        : Optional.empty();
  }

  private void become(MigrationStatus next) {
    if (status != next && !status.next().contains(next)) {
      throw new IllegalStateException(
          "migration status " + status.qapiName() + " -> " + next.qapiName());
    }
    status = next;
    if (parameters.isOn(MigrationCapability.EVENTS)) {
      emulator.monitor().emit("MIGRATION", ImmutableMap.of("status", next.qapiName()));
    }
  }

  private void succeeded(Optional<RunState> source, List<String> remarks) {
    over = true;
    remarks.forEach(complaints);
    enter(source.orElse(RunState.RUNNING));
    become(MigrationStatus.COMPLETED);
  }

  /**
   * The source's state decides, and for a guest that was running also what {@code -S}, {@code stop}
   * and {@code cont} said meanwhile (QEMU migration/migration.c). States that only exist while
   * something is going on leave the guest paused.
   */
  private void enter(RunState source) {
    switch (source) {
      case RUNNING, SUSPENDED -> {
        if (run.autostart()) {
          var unused = run.start();
        } else {
          run.transition(RunState.PAUSED);
        }
      }
      case PRELAUNCH, POSTMIGRATE, SHUTDOWN, IO_ERROR, INTERNAL_ERROR, WATCHDOG, GUEST_PANICKED ->
          run.transition(source);
      default -> run.transition(RunState.PAUSED);
    }
  }

  private void refused(List<String> lines) {
    error = String.join("; ", lines);
    lines.forEach(complaints);
    become(MigrationStatus.FAILED);
    if (!deferred) {
      emulator.quit(1);
    }
  }
}
