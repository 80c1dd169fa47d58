package dev.dunlin.migration;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.OutgoingChannel;
import dev.dunlin.migration.channel.ReferenceSink;
import dev.dunlin.migration.multifd.MultifdSender;
import dev.dunlin.migration.ram.PageLane;
import dev.dunlin.migration.ram.RamSaver;
import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.ram.DirtyLog;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One migration over an open channel: every page while the guest runs, again what it wrote
 * meanwhile, until so little is left that the rest fits into the downtime that the user allows;
 * then the guest is stopped and the rest follows (QEMU migration/migration.c). Migration thread.
 */
final class Precopy {
  /**
   * After so long a PART ends, for the sake of progress and of other live sections (QEMU: 50 ms).
   */
  private static final long PART_NANOS = 50_000_000L;

  private final MigrationJob.Host host;
  private final GuestRam ram;
  private final Clock clock;
  private final MigrationParameters parameters;
  private final StreamSections sections;
  private final AbortSignal abort;
  private final boolean tracksWrites;
  private final OutgoingChannel channel;
  private final Optional<MultifdSender> multifd;
  private final StreamOutput out;
  private final RamSaver saver;
  private final RateLimiter rate;
  private final Bandwidth bandwidth;
  private final DirtyRate dirty;
  private final AutoConverge autoConverge;
  private long expectedDowntime;
  private long leftAtSync;

  Precopy(
      MigrationJob.Host host,
      GuestRam ram,
      Clock clock,
      MigrationParameters parameters,
      MigrationOptions options,
      StreamSections sections,
      AbortSignal abort,
      OutgoingChannel channel,
      Optional<MultifdSender> multifd)
      throws IOException {
    this.host = host;
    this.ram = ram;
    this.clock = clock;
    this.parameters = parameters;
    this.sections = sections;
    this.abort = abort;
    this.tracksWrites = ram.dirtyLog().isSupported();
    this.channel = channel;
    this.multifd = multifd;
    this.out = output(options.splice());
    this.saver =
        new RamSaver(
            ram, out, options.dialect().largestBlockFirst(), multifd.map(PageLane.class::cast));
    this.rate = new RateLimiter(clock.nanoTime(), 0);
    this.bandwidth = new Bandwidth(clock.nanoTime());
    this.dirty = new DirtyRate(clock.nanoTime());
    this.autoConverge = new AutoConverge(parameters);
    this.expectedDowntime = parameters.downtimeLimitMillis();
  }

  /** The way that copies least. */
  private StreamOutput output(boolean splice) throws IOException {
    boolean pays =
        SplicedOutput.pays(ram.totalLength(), parameters.maxBandwidth()) && multifd.isEmpty();
    Optional<ReferenceSink> references = splice && pays ? channel.byReference() : Optional.empty();
    if (references.isPresent()) {
      return SplicedOutput.into(channel, references.get());
    }
    return channel.gathering().isPresent()
        ? new GatheredOutput(channel, channel.gathering().get())
        : new StreamOutput(channel);
  }

  MigrationProgress migrate() throws IOException {
    if (tracksWrites) {
      abort.await(host.atSafepoint(ram.dirtyLog()::start));
    }
    sections.begin(out, saver);
    out.flush();
    abort.await(host.pass(saver.counters(0).syncs()));
    abort.await(host.active());
    iterate();
    if (out.sendsByReference()) {
      repeatByCopy();
      iterate();
    }
    return complete();
  }

  private void iterate() throws IOException {
    while (!isLittleLeft() || (canSync() && !isLittleLeftAfterSync())) {
      abort.check();
      sections.part(out, saver, partEnds());
      partSent();
    }
  }

  /**
   * Takes back every reference that a reader's reader may still hold; see {@link SplicedOutput}.
   */
  private void repeatByCopy() throws IOException {
    out.sendByCopyFromNowOn();
    long from = out.position() - SplicedOutput.IN_FLIGHT;
    boolean all;
    do {
      abort.check();
      all = sections.repeat(out, saver, from, partEnds());
      partSent();
    } while (!all);
  }

  private void partSent() throws IOException {
    out.flush();
    waitForRate();
    measure();
    publish();
  }

  /** A machine that nobody writes has nothing to sync before the guest is stopped. */
  private boolean canSync() {
    return tracksWrites && host.guestMayWrite();
  }

  private boolean isLittleLeftAfterSync() throws IOException {
    sync();
    return isLittleLeft();
  }

  /**
   * Whether the rest can be sent within the downtime that the user allows. Of a guest that writes
   * nothing everything is sent before it is stopped.
   */
  private boolean isLittleLeft() {
    long left = saver.remaining();
    return left == 0
        || (host.guestMayWrite() && left < bandwidth.threshold(parameters.downtimeLimitMillis()));
  }

  /** Reads the dirty log, and what follows from what it holds. */
  private void sync() throws IOException {
    long before = saver.remaining();
    DirtyLog log = ram.dirtyLog();
    abort.await(host.atSafepoint(() -> saver.harvest(log)));
    leftAtSync = saver.remaining();
    long newPages = (leftAtSync - before) / RamBlock.PAGE_SIZE;
    dirty
        .sync(clock.nanoTime(), newPages, saver.counters(0).transferred())
        .ifPresent(this::slowGuestDown);
    expectedDowntime = bandwidth.millisFor(leftAtSync).orElse(expectedDowntime);
    abort.await(host.pass(saver.counters(0).syncs()));
    publish();
  }

  private void slowGuestDown(DirtyRate.Period period) {
    if (parameters.isOn(MigrationCapability.AUTO_CONVERGE)) {
      autoConverge.after(period, host.throttlePercent()).ifPresent(host::throttle);
    }
  }

  private void measure() throws IOException {
    long backlog = channel.backlog() + (multifd.isPresent() ? multifd.get().backlog() : 0);
    long delivered = sent() - backlog;
    if (bandwidth.sample(clock.nanoTime(), delivered, saver.counters(0).pages())
        && leftAtSync > 0) {
      expectedDowntime = bandwidth.millisFor(leftAtSync).orElse(expectedDowntime);
    }
  }

  /** Bytes of the whole stream, also of what goes beside it. */
  private long sent() {
    return out.position() + (multifd.isPresent() ? multifd.get().bytes() : 0);
  }

  /** Never before something was sent, or the least of limits would leave room for headers only. */
  private BooleanSupplier partEnds() {
    long start = clock.nanoTime();
    boolean[] begun = {false};
    return () -> {
      boolean first = !begun[0];
      begun[0] = true;
      return abort.isTriggered()
          || (!first
              && (rate.isExhausted(sent(), parameters.maxBandwidth())
                  || clock.nanoTime() - start > PART_NANOS));
    };
  }

  private void waitForRate() throws IOException {
    if (!rate.isExhausted(sent(), parameters.maxBandwidth())) {
      return;
    }
    while (true) {
      long now = clock.nanoTime();
      long wait = rate.nanosToWait(now, sent(), parameters.maxBandwidth());
      if (wait <= 0) {
        rate.begin(now, sent());
        return;
      }
      // In steps, since the limit may be raised meanwhile.
      channel.rest(Math.min(wait, 2 * PART_NANOS));
    }
  }

  private MigrationProgress complete() throws IOException {
    RunState before = abort.await(host.stopGuest());
    abort.await(host.switchover());
    saver.guestStopped();
    if (tracksWrites) {
      sync();
    } else {
      saver.harvestNothing();
      abort.await(host.pass(saver.counters(0).syncs()));
    }
    sections.end(out, saver, abort::isTriggered);
    abort.check();
    sections.devices(out, before, host, abort);
    if (multifd.isPresent()) {
      multifd.get().finish();
    }
    channel.finish();
    MigrationProgress done = snapshot();
    host.progress(done);
    return done;
  }

  private void publish() {
    host.progress(snapshot());
  }

  private MigrationProgress snapshot() {
    return new MigrationProgress(
        saver.counters(dirty.pagesPerSecond()),
        sent(),
        bandwidth.mbps(),
        bandwidth.pagesPerSecond(),
        expectedDowntime);
  }
}
