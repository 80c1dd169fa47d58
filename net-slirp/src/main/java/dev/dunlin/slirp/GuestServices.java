package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.slirp.address.Ipv4Address;
import dev.dunlin.slirp.forward.GuestForwardRule;
import dev.dunlin.slirp.forward.GuestForwardRule.Target;
import dev.dunlin.slirp.forward.ShellWords;
import dev.dunlin.slirp.host.ChildHost;
import dev.dunlin.slirp.host.ChildPlan;
import dev.dunlin.slirp.host.ChildStarter;
import dev.dunlin.slirp.host.HelperRecord;
import dev.dunlin.slirp.host.HostLoop;
import dev.dunlin.slirp.host.TcpSockets;
import dev.dunlin.slirp.host.UnixConnector;
import dev.dunlin.slirp.smb.SmbProvider;
import dev.dunlin.slirp.smb.SmbServer;
import dev.dunlin.slirp.tcp.TcpConnector;
import dev.dunlin.slirp.tcp.TcpDestinations;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;

/**
 * What answers at addresses of a user network beside its own servers: guest forwards, and the share
 * on its two ports. Opened and closed on the emulator's loop, bound on the network's thread.
 */
final class GuestServices {
  private static final int NETBIOS_PORT = 139;
  private static final int SMB_PORT = 445;

  private final String network;
  private final SlirpConfig config;
  private final SmbProvider provider;
  private final Supplier<Optional<EmulatorHost>> emulators;
  private final Map<String, GuestServer> handlers;
  private volatile Optional<ChildStarter> starter = Optional.empty();
  private volatile Optional<DeviceForwards> devices = Optional.empty();
  private volatile Optional<EmulatorHost> emulator = Optional.empty();
  private volatile Optional<ShareService> share = Optional.empty();

  /**
   * @param emulators asked at the start; empty where there is no emulator: what needs a child or a
   *     device isn't served then
   * @param handlers the embedding program's, by name
   */
  GuestServices(
      String network,
      SlirpConfig config,
      SmbProvider provider,
      Supplier<Optional<EmulatorHost>> emulators,
      Map<String, GuestServer> handlers) {
    this.network = network;
    this.config = config;
    this.provider = provider;
    this.emulators = emulators;
    this.handlers = handlers;
  }

  /** Checks commands, opens devices and prepares the share; {@link #close} ends what it opened. */
  void open() throws OptionException {
    emulator = emulators.get();
    starter = emulator.map(EmulatorHost::children);
    devices = emulator.map(DeviceForwards::new);
    for (GuestForwardRule rule : config.guestForwards()) {
      if (rule.target() instanceof Target.Command command) {
        words(rule, command);
      }
      if (devices.isPresent()) {
        devices.get().open(rule);
      }
    }
    if (config.smb().isPresent() && starter.isPresent()) {
      try {
        SmbServer server = provider.open(config.smb().get().settings());
        share = Optional.of(new ShareService(network, server, starter.get()));
      } catch (IOException e) {
        throw new OptionException("could not create samba server dir: " + e.getMessage());
      }
    }
  }

  /** Ends the share, whose directory goes with the last helper, and the devices. */
  void close() {
    devices.ifPresent(DeviceForwards::close);
    share.ifPresent(ShareService::close);
    share = Optional.empty();
    starter.ifPresent(by -> by.forget(network));
  }

  /** Children that serve the guest, or did and ended badly. Emulator's loop. */
  ImmutableList<HelperRecord> helpers() {
    return starter.map(by -> by.helpers(network)).orElse(ImmutableList.of());
  }

  /** Takes the addresses and ports, and keeps the guest from its own emulator's monitors. */
  void bind(TcpDestinations destinations, HostLoop host, NetThread thread, LongSupplier time) {
    emulator.ifPresent(
        own ->
            destinations.forbid(
                (address, port) -> own.chardevs().listensOn(port) && HostAddresses.has(address)));
    for (GuestForwardRule rule : config.guestForwards()) {
      Ipv4Address server = rule.server().orElseGet(() -> config.ipv4().defaultServer());
      connector(rule, host, thread, time)
          .ifPresentOrElse(
              connector -> destinations.bind(address(server), rule.port(), connector),
              () ->
                  LogManager.getLogger(GuestServices.class)
                      .warn("netdev {}: guest forward '{}' is not served", network, rule.text()));
    }
    if (share.isPresent() && config.smb().isPresent() && starter.isPresent()) {
      IpAddr server = address(config.smb().get().server());
      TcpConnector connector = ChildHost.connector(host, starter.get(), share.get().plan());
      destinations.bind(server, NETBIOS_PORT, connector);
      destinations.bind(server, SMB_PORT, connector);
    }
  }

  private static IpAddr address(Ipv4Address option) {
    return IpAddr.v4(option.bits());
  }

  private Optional<TcpConnector> connector(
      GuestForwardRule rule, HostLoop host, NetThread thread, LongSupplier time) {
    if (rule.target() instanceof Target.Command command) {
      Optional<ImmutableList<String>> words = ShellWords.split(command.line());
      return words.isEmpty()
          ? Optional.empty()
          : starter.map(by -> ChildHost.connector(host, by, new Command(rule, words.get())));
    }
    if (rule.target() instanceof Target.Unix unix) {
      return Optional.of(new UnixConnector(host, new SocketName.Unix(unix.path())));
    }
    if (rule.target() instanceof Target.Tcp tcp) {
      TcpSockets sockets = new TcpSockets(host);
      return Optional.of(
          (guest, guestPort, destination, port, listener, now) ->
              sockets.connect(guest, guestPort, tcp.address(), tcp.port(), listener, now));
    }
    Optional<GuestServer> server =
        rule.target() instanceof Target.Handler handler
            ? Optional.ofNullable(handlers.get(handler.name()))
            : devices.flatMap(open -> open.server(rule));
    return server.map(found -> found.connector(network, thread, time));
  }

  private static ImmutableList<String> words(GuestForwardRule rule, Target.Command command)
      throws OptionException {
    return ShellWords.split(command.line())
        .orElseThrow(
            () -> new OptionException("Invalid guest forwarding rule '" + rule.text() + "'"));
  }

  /** {@code guestfwd=...-cmd:}: whatever it ends with is its own affair. */
  private final class Command implements ChildPlan {
    private final GuestForwardRule rule;
    private final ImmutableList<String> words;

    Command(GuestForwardRule rule, ImmutableList<String> words) {
      this.rule = rule;
      this.words = words;
    }

    @Override
    public String network() {
      return network;
    }

    @Override
    public String service() {
      return "guestfwd " + rule.port();
    }

    @Override
    public SpawnRequest request() {
      return SpawnRequest.of(words.toArray(new String[0])).inOwnSession().dyingWithVm();
    }

    @Override
    public boolean isOrderly(ExitStatus status) {
      return status instanceof ExitStatus.Exited;
    }

    @Override
    public Runnable started(int pid) {
      return () -> {};
    }
  }
}
