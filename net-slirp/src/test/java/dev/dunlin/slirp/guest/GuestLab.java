package dev.dunlin.slirp.guest;

import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetBackendFactory;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.net.frame.PcapTap;
import dev.dunlin.core.net.link.LinkModule;
import dev.dunlin.slirp.TestNetworks;
import dev.dunlin.slirp.UserNetwork;
import dev.dunlin.slirp.service.Resolver;
import dev.dunlin.testing.Await;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A user network between two namespaces: the guest's, whose kernel is behind a TAP device, and the
 * host's, where the network's thread opens its sockets. Beyond the host lies a router:
 *
 * <pre>
 *   guest --- TAP [the network] host 198.51.100.1 --- 198.51.100.2 router
 *                                                      203.0.113.0/26   through a link of MTU 1280
 *                                                      203.0.113.64/26  a link where nobody is
 *                                                      203.0.113.128/25 unreachable
 *                                                      192.0.2.0/24     prohibited
 * </pre>
 */
final class GuestLab implements AutoCloseable {
  static final String ROUTER = "198.51.100.2";
  static final String DEVICE = "guest0";

  final Namespace guest;
  final Namespace host;
  final Namespace router;
  final UserNetwork network;
  private final NetThread thread;
  private final NetBackend tap;
  private final Optional<PcapTap> recorder;

  private GuestLab(
      Namespace guest,
      Namespace host,
      Namespace router,
      UserNetwork network,
      NetThread thread,
      NetBackend tap,
      Optional<PcapTap> recorder) {
    this.guest = guest;
    this.host = host;
    this.router = router;
    this.network = network;
    this.thread = thread;
    this.tap = tap;
    this.recorder = recorder;
  }

  /** Starts a network with these options; the guest has no address yet. */
  static GuestLab start(String options, List<Resolver> resolvers) throws Exception {
    return start(options, resolvers, false, Optional.empty());
  }

  /**
   * The same with more said about the TAP.
   *
   * @param offload {@code vnet_hdr=on}
   * @param capture where every frame is recorded, both ways
   */
  static GuestLab start(
      String options, List<Resolver> resolvers, boolean offload, Optional<Path> capture)
      throws Exception {
    UserNetwork network = TestNetworks.network(KeyValueList.parse(options), now -> resolvers);
    return start(network, UserNetwork::start, offload, capture);
  }

  /** Starts a network, on whatever thread that is to be. */
  static GuestLab start(UserNetwork network, Function<UserNetwork, CompletionStage<Void>> starter)
      throws Exception {
    return start(network, starter, false, Optional.empty());
  }

  private static GuestLab start(
      UserNetwork network,
      Function<UserNetwork, CompletionStage<Void>> starter,
      boolean offload,
      Optional<Path> capture)
      throws Exception {
    Namespace guest = Namespace.create();
    Namespace host = Namespace.create();
    Namespace router = Namespace.create();
    try {
      connect(host, router);
      return start(network, starter, offload, recorder(capture), guest, host, router);
    } catch (Exception | AssertionError e) {
      guest.close();
      host.close();
      router.close();
      throw e;
    }
  }

  private static void connect(Namespace host, Namespace router) {
    host.ip("link", "add", "out0", "type", "veth", "peer", "in0", "netns", router.name());
    host.ip("addr", "add", "198.51.100.1/24", "dev", "out0");
    host.ip("link", "set", "out0", "up");
    host.ip("route", "add", "default", "via", ROUTER);
    router.ip("addr", "add", ROUTER + "/24", "dev", "in0");
    router.ip("link", "set", "in0", "up");
    router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv4.icmp_ratelimit=0");
    router.ip("route", "add", "203.0.113.0/26", "dev", "in0", "mtu", "1280");
    router.ip("route", "add", "203.0.113.64/26", "dev", "in0");
    router.ip("route", "add", "unreachable", "203.0.113.128/25");
    router.ip("route", "add", "prohibit", "192.0.2.0/24");
  }

  private static GuestLab start(
      UserNetwork network,
      Function<UserNetwork, CompletionStage<Void>> starter,
      boolean offload,
      Optional<PcapTap> recorder,
      Namespace guest,
      Namespace host,
      Namespace router)
      throws Exception {
    NetThread thread = NetThread.start("lab", Clock.system());
    NetBackend tap = tap(guest, offload);
    GuestLab lab = new GuestLab(guest, host, router, network, thread, tap, recorder);
    tap.attach(thread);
    network.attach(thread);
    tap.start().toCompletableFuture().get(30, TimeUnit.SECONDS);
    lab.onThread(
        () -> {
          host.enter();
          network.connect(lab.recorded(tap.input()), tap.offload());
          tap.connect(lab.recorded(network.input()), network.offload());
          return true;
        });
    starter.apply(network).toCompletableFuture().get(30, TimeUnit.SECONDS);
    // Quiet: no router solicitation or multicast report of the guest's own.
    guest.run("sysctl", "-q", "-w", "net.ipv6.conf." + DEVICE + ".disable_ipv6=1");
    guest.ip("link", "set", DEVICE, "up");
    return lab;
  }

  private static NetBackend tap(Namespace guest, boolean offload) throws OptionException {
    String options =
        "ifname=" + DEVICE + ",vnet_hdr=" + (offload ? "on" : "off") + ",netns=" + guest.path();
    for (NetBackendFactory factory : new LinkModule().netBackends()) {
      if (factory.type().equals("tap")) {
        return factory.create("t", KeyValueList.parse(options));
      }
    }
    throw new IllegalStateException("no TAP among the links");
  }

  private static Optional<PcapTap> recorder(Optional<Path> capture) throws IOException {
    if (capture.isEmpty()) {
      return Optional.empty();
    }
    FileChannel file =
        FileChannel.open(capture.get(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return Optional.of(new PcapTap(file, Clock.system(), 1 << 17));
  }

  private FramePort recorded(FramePort port) {
    return recorder.map(tap -> tap.before(port)).orElse(port);
  }

  /** Gives the guest its usual address without asking for it. */
  GuestLab withAddress() {
    guest.ip("addr", "add", "10.0.2.15/24", "dev", DEVICE);
    guest.ip("route", "add", "default", "via", "10.0.2.2");
    return this;
  }

  /** Every group of the host may ping. */
  void allowEchoSockets() {
    host.run("sysctl", "-q", "-w", "net.ipv4.ping_group_range=0 2147483647");
  }

  /** What dhclient was given; it configures nothing. */
  String lease(Path directory) throws IOException {
    return lease(directory, "/bin/true");
  }

  /** What dhclient was given; {@code script} configures the guest by it (dhclient-script(8)). */
  String lease(Path directory, String script) throws IOException {
    Path leases = directory.resolve("leases");
    Path pid = directory.resolve("pid");
    Path configuration =
        Files.writeString(
            directory.resolve("dhclient.conf"),
            "request subnet-mask, routers, domain-name-servers, domain-name, host-name,"
                + " domain-search, tftp-server-name, bootfile-name, interface-mtu;\n",
            StandardCharsets.UTF_8);
    guest.run(
        "dhclient",
        "-1",
        "-v",
        "-sf",
        script,
        "-cf",
        configuration.toString(),
        "-lf",
        leases.toString(),
        "-pf",
        pid.toString(),
        DEVICE);
    // The process that stays writes it after the one that we waited for has ended.
    Await.until("dhclient's PID", () -> Files.exists(pid) && Files.size(pid) > 0);
    guest.run("pkill", "-F", pid.toString());
    return Files.readString(leases, StandardCharsets.UTF_8);
  }

  /** Runs something on the network's thread. */
  <T> T onThread(Callable<T> task)
      throws ExecutionException, InterruptedException, TimeoutException {
    CompletableFuture<T> done = new CompletableFuture<>();
    thread.execute(
        () -> {
          try {
            done.complete(task.call());
          } catch (Exception | AssertionError e) {
            done.completeExceptionally(e);
          }
        });
    return done.get(30, TimeUnit.SECONDS);
  }

  NetThread thread() {
    return thread;
  }

  /** Takes everything down and makes sure that no frame was left with anybody. */
  @Override
  public void close() throws Exception {
    network.stop().toCompletableFuture().get(30, TimeUnit.SECONDS);
    tap.stop().toCompletableFuture().get(30, TimeUnit.SECONDS);
    int leased = onThread(() -> thread.pool().leased());
    thread.stop().toCompletableFuture().get(30, TimeUnit.SECONDS);
    recorder.ifPresent(PcapTap::close);
    guest.close();
    host.close();
    router.close();
    if (leased != 0) {
      throw new AssertionError(leased + " frames leaked");
    }
  }
}
