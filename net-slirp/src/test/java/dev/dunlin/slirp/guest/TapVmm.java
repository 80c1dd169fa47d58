package dev.dunlin.slirp.guest;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.EmulatorBuilder;
import dev.dunlin.core.ModuleState;
import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.net.NetworkModule;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.RunState;
import dev.dunlin.core.run.VmmPort;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.slirp.GuestServer;
import dev.dunlin.slirp.UserNetModule;
import dev.dunlin.slirp.smb.UncheckedShares;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A VMM of another project with a network card and a real kernel as its guest: one thread executes
 * the "guest", which is to move frames between its card and a TAP in a namespace. The card's ring
 * takes only so many frames between two looks of its driver and loses the others without a word, as
 * the rings of real VMMs do. The guest's clock is the VMM's: the host's, and what is added to it.
 */
final class TapVmm implements AutoCloseable, Clock {
  static final String DEVICE = "guest0";

  final Namespace guest = Namespace.create();
  final NicPort card;
  final DefaultEmulator emulator;
  private final int ring;
  private final Runnable firmware;
  private final VmmPort port = new VmmPort();
  private final AtomicLong ahead = new AtomicLong();

  /** Times faster than the host's. */
  private final long rate;

  private final Fd tap;
  private final Thread loop = new Thread(this::runLoop, "emulator");
  private final Thread cpu = new Thread(this::runCpu, "vmm cpu");
  private final Set<String> callers = ConcurrentHashMap.newKeySet();
  private volatile boolean on = true;
  private long lost;

  /**
   * @param ring frames that the card takes between two looks
   * @param ownLoop whether the network's work is done on the CPU's thread
   * @param firmware done by the CPU's thread in each round
   */
  TapVmm(
      String user, Map<String, GuestServer> servers, int ring, boolean ownLoop, Runnable firmware)
      throws Exception {
    this(user, servers, ring, ownLoop, firmware, 1);
  }

  /** With a clock that is so many times faster than the host's. */
  TapVmm(
      String user,
      Map<String, GuestServer> servers,
      int ring,
      boolean ownLoop,
      Runnable firmware,
      int rate)
      throws Exception {
    this.rate = rate;
    this.ring = ring;
    this.firmware = firmware;
    tap = Fd.owning(guest.openTap(DEVICE));
    NicPort.Builder plan = NicPort.builder().netdev("u").burst(64);
    card = (ownLoop ? plan.ownLoop() : plan).build();
    UserNetModule users = new UserNetModule(this, new UncheckedShares());
    servers.forEach(users::guestServer);
    NetworkModule networks = new NetworkModule(users.netBackends());
    emulator =
        new EmulatorBuilder()
            .machine("none", new GuestRam(List.of(), new PhysicalMap(List.of())))
            .clock(this)
            .cpu(port)
            .module(users)
            .module(networks)
            .card(card)
            .configure(
                OptionTable.of(
                        ImmutableList.copyOf(
                            Iterables.concat(CoreOptions.specs(), users.options())))
                    .parse(List.of("-M", "none", "-netdev", "user,id=u" + user)))
            .build();
    card.onReadable(() -> callers.add(Thread.currentThread().getName()));
    loop.start();
    cpu.start();
    guest.run("sysctl", "-q", "-w", "net.ipv6.conf." + DEVICE + ".disable_ipv6=1");
    guest.ip("link", "set", DEVICE, "up");
    guest.ip("addr", "add", "10.0.2.15/24", "dev", DEVICE);
    guest.ip("route", "add", "default", "via", "10.0.2.2");
    start();
  }

  // ---- the VMM's clock ----

  @Override
  public long nanoTime() {
    return Clock.system().nanoTime() * rate + ahead.get();
  }

  @Override
  public long wallMicros() {
    return Clock.system().wallMicros();
  }

  void advance(long nanos) {
    ahead.addAndGet(nanos);
  }

  // ---- run state ----

  void start() throws Exception {
    await(() -> emulator.run().start());
  }

  /** Returns when the network's own thread has heard too: a clock set then is set for nobody. */
  void stop() throws Exception {
    await(() -> emulator.run().stop(RunState.PAUSED));
    // What it is to save it saves behind what it was told before.
    var unused = saved();
  }

  /** Until everybody who listens to the run state has heard. */
  private void await(Supplier<CompletionStage<Void>> change) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    emulator.loop().execute(() -> change.get().thenRun(() -> done.complete(null)));
    done.get(60, TimeUnit.SECONDS);
  }

  /** What the networks take along; while the guest stands still. */
  byte[] save() throws Exception {
    return saved().orElseThrow();
  }

  private Optional<byte[]> saved() throws Exception {
    CompletableFuture<Optional<byte[]>> saved = new CompletableFuture<>();
    var unused = emulator.run().atSafepoint(() -> saved.complete(state().save()));
    return saved.get(60, TimeUnit.SECONDS);
  }

  void load(byte[] saved) throws Exception {
    Runnable apply = state().load(saved, state().version());
    emulator.run().atSafepoint(apply).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private ModuleState state() {
    return emulator.moduleStates().get(0);
  }

  /** Opens a character device that listens; its port. */
  int listeningDevice(String option) throws Exception {
    CompletableFuture<Integer> port = new CompletableFuture<>();
    ChardevSyntax.Named named = ChardevSyntax.parseOption(option);
    emulator
        .loop()
        .execute(
            () -> {
              try {
                port.complete(
                    emulator
                        .chardevs()
                        .add(named.id(), named.spec())
                        .listeningPort()
                        .orElseThrow());
              } catch (OptionException e) {
                port.completeExceptionally(e);
              }
            });
    return port.get(60, TimeUnit.SECONDS);
  }

  /** Frames that the card's ring had no room for. */
  long lost() {
    return lost;
  }

  /** Threads on which the VMM was called. */
  Set<String> callers() {
    return callers;
  }

  // ---- threads ----

  private void runLoop() {
    try {
      emulator.runUntilQuit();
    } catch (OptionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void runCpu() {
    byte[] memory = new byte[2048];
    ByteBuffer buffer = ByteBuffer.allocateDirect(memory.length);
    while (on) {
      if (!port.pollOrPark()) {
        continue;
      }
      card.service(200_000);
      firmware.run();
      try {
        toGuest();
        fromGuest(buffer, memory);
      } catch (PosixException e) {
        // The device is down.
      }
    }
    port.close();
  }

  private void toGuest() throws PosixException {
    int taken = 0;
    Frame frame;
    while ((frame = card.toGuest()) != null) {
      if (taken++ < ring) {
        tap.write(frame.window(frame.start(), frame.length()));
        frame.endWindow();
      } else {
        lost = lost + 1;
      }
      frame.release();
    }
  }

  private void fromGuest(ByteBuffer buffer, byte[] memory) throws PosixException {
    while (tap.read(buffer.clear()) instanceof IoOutcome.Transferred moved) {
      buffer.flip().get(memory, 0, moved.bytes());
      card.fromGuest(memory, 0, moved.bytes());
    }
  }

  @Override
  public void close() throws Exception {
    on = false;
    cpu.interrupt();
    cpu.join();
    emulator.quit(0);
    loop.join();
    tap.close();
    guest.close();
  }
}
