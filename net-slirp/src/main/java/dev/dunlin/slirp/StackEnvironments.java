package dev.dunlin.slirp;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.slirp.service.ResolvConfFile;
import dev.dunlin.slirp.service.ResolverList;
import dev.dunlin.slirp.wire.IpAddr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Makes what the stacks of an emulator take from their host. Any thread. */
final class StackEnvironments {
  /** How long the name of a boot server may take; after that the guest boots from the gateway. */
  private static final long RESOLVING_SECONDS = 5;

  private final ResolverList resolvers;
  private final StreamTransport.Factory streams;
  private final SecureRandom random = new SecureRandom();

  StackEnvironments(ResolverList resolvers, StreamTransport.Factory streams) {
    this.resolvers = resolvers;
    this.streams = streams;
  }

  /** The host's own resolv.conf, and TCP by the engine. */
  static StackEnvironments ofHost(Clock clock) {
    ResolverList resolvers = new ResolvConfFile(Path.of("/etc/resolv.conf"), clock.nanoTime());
    SecureRandom secrets = new SecureRandom();
    return new StackEnvironments(resolvers, stack -> new TcpTransport(stack, secrets));
  }

  /**
   * Resolves what a network's options name. A name needs the host's resolver, which blocks: it is
   * asked on a thread of its own, since the common pool may have a single one, which is the
   * embedding program's; and for a limited time.
   */
  CompletionStage<StackEnvironment> prepare(SlirpConfig config) {
    Optional<String> server = config.tftp().serverName();
    if (server.isEmpty() || IpAddr.isLiteral(server.get())) {
      Optional<IpAddr> literal = server.map(IpAddr::parse).filter(IpAddr::isV4);
      return CompletableFuture.completedFuture(with(literal));
    }
    return CompletableFuture.supplyAsync(() -> resolve(server.get()), StackEnvironments::onItsOwn)
        .completeOnTimeout(Optional.empty(), RESOLVING_SECONDS, TimeUnit.SECONDS)
        .thenApply(this::with);
  }

  private static void onItsOwn(Runnable task) {
    Thread thread = new Thread(task, "dunlin resolver");
    thread.setDaemon(true);
    thread.start();
  }

  private static Optional<IpAddr> resolve(String name) {
    try {
      for (InetAddress address : InetAddress.getAllByName(name)) {
        if (address instanceof Inet4Address) {
          return Optional.of(IpAddr.of(address));
        }
      }
    } catch (UnknownHostException e) {
      // Option 66 still has the name: the guest may know better.
    }
    return Optional.empty();
  }

  StackEnvironment withoutBootServer() {
    return with(Optional.empty());
  }

  private StackEnvironment with(Optional<IpAddr> bootServer) {
    return new StackEnvironment(bootServer, resolvers, random, streams);
  }
}
