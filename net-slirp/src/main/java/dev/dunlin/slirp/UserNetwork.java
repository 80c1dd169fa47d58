package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.ModuleStateException;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.net.GuestLife;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.slirp.forward.ForwardSelector;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.forward.HostForwardRule;
import dev.dunlin.slirp.host.HelperRecord;
import dev.dunlin.slirp.saved.NetworkCheck;
import dev.dunlin.slirp.saved.NetworkCodec;
import dev.dunlin.slirp.saved.SavedNetwork;
import dev.dunlin.slirp.service.DhcpConfig;
import dev.dunlin.slirp.smb.SambaProvider;
import dev.dunlin.slirp.tcp.TcpConfig;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * One user network. Asked on the emulator's loop thread; its protocols and sockets live on the
 * {@link NetThread} that it was attached to. One that was attached to none makes its own when it
 * needs it: its forwards listen, though nobody is behind them.
 */
public final class UserNetwork implements NetBackend {
  /** Partial checksums and uncut TCP are taken as they come; IPv6 isn't served. */
  private static final Offload TAKES = new Offload(true, true, false);

  private final String name;
  private final SlirpConfig config;
  private final Clock clock;
  private final StackEnvironments environments;
  private final Consumer<UserNetwork> onStop;
  private GuestServices services;
  private @Nullable NetThread thread;
  private boolean ownsThread;
  private OptionalInt hub = OptionalInt.empty();
  private boolean stopped;

  /** Its end, once begun: by the emulator, or by a start that failed, which completes behind it. */
  private @Nullable CompletionStage<Void> end;

  private final RunningForwards forwards = new RunningForwards();

  private volatile Optional<DropCounters> drops = Optional.empty();

  /** Of this running network, to know a state that it saved itself. */
  private final UUID origin = UUID.randomUUID();

  // The network's thread only:
  private @Nullable UserStack stack;
  private @Nullable FramePort output;
  private Offload receivers = Offload.NONE;
  private GuestLife guestLife = GuestLife.ELSEWHERE;

  UserNetwork(
      String name,
      SlirpConfig config,
      Clock clock,
      StackEnvironments environments,
      Consumer<UserNetwork> onStop) {
    this.name = name;
    this.config = config;
    this.clock = clock;
    this.environments = environments;
    this.onStop = onStop;
    this.services = new GuestServices(name, config, new SambaProvider(), Optional::empty, Map.of());
  }

  /** Takes the place of the services that need no emulator. Before the start. */
  void useServices(GuestServices given) {
    services = given;
  }

  public String name() {
    return name;
  }

  public SlirpConfig config() {
    return config;
  }

  public OptionalInt hub() {
    return hub;
  }

  /** Listening sockets, newest first. Any thread. */
  public ImmutableList<HostForward> forwards() {
    return forwards.all();
  }

  @Override
  public String info() {
    return config.info();
  }

  @Override
  public void connectedTo(OptionalInt hub) {
    this.hub = hub;
  }

  /** Children that serve its guest, or did and ended badly. Emulator's loop. */
  ImmutableList<HelperRecord> helpers() {
    return services.helpers();
  }

  // ---- frames ----

  @Override
  public void attach(NetThread to) {
    thread = to;
  }

  @Override
  public FramePort input() {
    return this::receive;
  }

  private void receive(Frame frame) {
    UserStack running = stack;
    if (running == null) {
      frame.release();
    } else {
      running.receive(frame);
    }
  }

  @Override
  public void connect(FramePort port, Offload offload) {
    output = port;
    receivers = offload;
    UserStack running = stack;
    if (running != null) {
      running.connect(port, offload);
    }
  }

  @Override
  public void guestIs(GuestLife life, long at) {
    guestLife = life;
    UserStack running = stack;
    if (running != null) {
      running.setGuestStopped(life == GuestLife.STOPPED, at);
    }
  }

  @Override
  public Offload offload() {
    return TAKES;
  }

  @Override
  public ImmutableMap<String, Long> drops() {
    ImmutableMap.Builder<String, Long> shown = ImmutableMap.builder();
    drops.ifPresent(
        counters ->
            counters.nonZero().forEach((reason, count) -> shown.put(reason.shown(), count)));
    return shown.build();
  }

  // ---- start ----

  @Override
  public CompletionStage<Void> start() {
    try {
      services.open();
    } catch (OptionException e) {
      services.close();
      return CompletableFuture.failedFuture(e);
    }
    if (thread == null && config.hostForwards().isEmpty()) {
      // No frame can come and no socket is wanted: no thread for it.
      return CompletableFuture.completedFuture(null);
    }
    CompletionStage<Void> all = environments.prepare(config).thenCompose(this::build);
    for (HostForwardRule rule : config.hostForwards()) {
      all = all.thenCompose(nothing -> addForward(rule, false));
    }
    CompletableFuture<Void> started = new CompletableFuture<>();
    all.whenComplete(
        (nothing, failure) -> {
          if (failure == null) {
            started.complete(null);
          } else {
            takeDown().whenComplete((n, f) -> started.completeExceptionally(failure));
          }
        });
    return started;
  }

  private CompletionStage<Void> build(StackEnvironment environment) {
    return onThread(
        () -> {
          build(requireThread(), environment);
          return null;
        });
  }

  private UserStack build(NetThread on, StackEnvironment environment) {
    UserStack built = new UserStack(config, on, environment);
    built.setGuestStopped(guestLife == GuestLife.STOPPED, on.loop().clock().nanoTime());
    services.bind(built.destinations(), built.host(), on, built::now);
    stack = built;
    drops = Optional.of(built.drops());
    FramePort port = output;
    if (port != null) {
      built.connect(port, receivers);
    }
    return built;
  }

  // ---- forwards ----

  /**
   * Opens every socket of a rule, or none. Completes on the network's thread.
   *
   * @return fails with an OptionException in QEMU's words
   */
  public CompletionStage<Void> addForward(HostForwardRule rule) {
    return addForward(rule, true);
  }

  /**
   * @param later not by an option
   */
  private CompletionStage<Void> addForward(HostForwardRule rule, boolean later) {
    return onThread(
        () -> {
          UserStack running = stack;
          UserStack on =
              running == null ? build(requireThread(), environments.withoutBootServer()) : running;
          forwards.open(on.forwards(), rule, firstGuest(), later);
          return null;
        });
  }

  /** Where a forward goes that names no guest: to the first lease, whoever has one. */
  private IpAddr firstGuest() {
    IpAddr start = IpAddr.v4(config.ipv4().dhcpStart().bits());
    return DhcpConfig.firstLease(StackServices.virtualNet(config), start);
  }

  /** Closes what the selector names; true when there was something. On the network's thread. */
  public CompletionStage<Boolean> removeForward(ForwardSelector selector) {
    if (thread == null) {
      return CompletableFuture.completedFuture(false);
    }
    return onThread(() -> forwards.close(selector::matches));
  }

  // ---- saved and gone on with ----

  @Override
  public CompletionStage<Optional<byte[]>> saveState() {
    return thread == null
        ? CompletableFuture.completedFuture(Optional.empty())
        : onThread(
            () -> {
              UserStack running = stack;
              return running == null
                  ? Optional.<byte[]>empty()
                  : Optional.of(running.save(origin, forwards.added()))
                      .filter(saved -> !saved.isFresh())
                      .map(NetworkCodec::encode);
            });
  }

  @Override
  public Supplier<CompletionStage<Void>> loadState(byte[] state) throws ModuleStateException {
    SavedNetwork saved = NetworkCodec.decode(state);
    IpAddr start = IpAddr.v4(config.ipv4().dhcpStart().bits());
    new NetworkCheck(StackServices.virtualNet(config), start, TcpConfig.standard().mostFlows())
        .check(saved);
    return () ->
        onThread(
            () -> {
              restore(saved);
              return null;
            });
  }

  private void restore(SavedNetwork saved) {
    UserStack running = stack;
    if (running == null) {
      return;
    }
    // A guest beyond a wire wasn't rolled back with this machine.
    boolean rolledBack = saved.origin().equals(origin) && guestLife != GuestLife.ELSEWHERE;
    int kept = running.restore(saved, rolledBack);
    saved.forwards().forEach(each -> forwards.restore(running.forwards(), each, name));
    for (SavedNetwork.GuestForward each : saved.guestForwards()) {
      if (running.destinations().isFree(each.server(), each.port())) {
        LogManager.getLogger(UserNetwork.class)
            .warn(
                "netdev {}: nothing answers at {}:{}, as something did when the machine was saved",
                name,
                each.server(),
                each.port());
      }
    }
    LogManager.getLogger(UserNetwork.class)
        .info(
            "netdev {}: {} leases; {} connections go on, the guest is told that {} are broken",
            name,
            saved.leases().size(),
            kept,
            saved.flows().size() - kept);
  }

  // ---- watched ----

  /** What it does now. Completes on the network's thread. */
  CompletionStage<UserNetState> state() {
    if (thread == null) {
      return CompletableFuture.completedFuture(UserNetState.NONE);
    }
    return onThread(
        () -> {
          UserStack running = stack;
          return running == null ? UserNetState.NONE : UserNetState.of(forwards.all(), running);
        });
  }

  // ---- end ----

  @Override
  public CompletionStage<Void> stop() {
    if (!stopped) {
      stopped = true;
      onStop.accept(this);
    }
    return takeDown();
  }

  private CompletionStage<Void> takeDown() {
    CompletionStage<Void> begun = end;
    if (begun == null) {
      services.close();
      begun = closeAll();
      end = begun;
    }
    return begun;
  }

  private CompletionStage<Void> closeAll() {
    NetThread from = thread;
    if (from == null) {
      return CompletableFuture.completedFuture(null);
    }
    CompletionStage<Void> closed =
        onThread(
            () -> {
              forwards.close(forward -> true);
              UserStack running = stack;
              stack = null;
              if (running != null) {
                running.close();
              }
              return null;
            });
    return ownsThread ? closed.thenCompose(nothing -> from.stop()) : closed;
  }

  // ---- its thread ----

  private NetThread requireThread() {
    NetThread on = thread;
    if (on == null) {
      throw new IllegalStateException("no thread");
    }
    return on;
  }

  private <T> CompletionStage<T> onThread(Callable<T> step) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      ensureThread()
          .execute(
              () -> {
                try {
                  done.complete(step.call());
                } catch (Exception | LinkageError e) {
                  done.completeExceptionally(e);
                }
              });
    } catch (PosixException e) {
      done.completeExceptionally(
          new OptionException("Could not set up the network: " + e.getMessage()));
    }
    return done;
  }

  private NetThread ensureThread() throws PosixException {
    NetThread on = thread;
    if (on == null) {
      on = NetThread.start("slirp " + name, clock);
      thread = on;
      ownsThread = true;
    }
    return on;
  }
}
