package dev.dunlin.slirp;

import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.slirp.service.ResolverList;
import dev.dunlin.slirp.smb.SmbOptions;
import dev.dunlin.slirp.smb.UncheckedShares;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** User networks as tests make them, and a look inside. */
public final class TestNetworks {
  private TestNetworks() {}

  public static UserNetwork network(KeyValueList options, ResolverList resolvers)
      throws OptionException {
    return network(options, resolvers, Optional.empty(), Map.of());
  }

  /** Within an emulator's loop, children and devices, and with an embedder's servers. */
  static UserNetwork network(
      KeyValueList options,
      ResolverList resolvers,
      Optional<EmulatorHost> emulator,
      Map<String, GuestServer> handlers)
      throws OptionException {
    StackEnvironments host =
        new StackEnvironments(resolvers, stack -> new TcpTransport(stack, new SecureRandom()));
    SlirpConfig config =
        SlirpConfigReader.read(options, new SmbOptions(new UncheckedShares(), Map.of()));
    UserNetwork network = new UserNetwork("u", config, Clock.system(), host, stopped -> {});
    network.useServices(
        new GuestServices("u", config, new UncheckedShares(), () -> emulator, handlers));
    return network;
  }

  /** {@code info usernet}. */
  public static String info(UserNetwork network) throws Exception {
    return UserNetInfo.text(network, state(network));
  }

  /** Counters of what was dropped, those that aren't zero. */
  public static String drops(UserNetwork network) throws Exception {
    return state(network).drops().toString();
  }

  public static List<ConnectionInfo> flows(UserNetwork network) throws Exception {
    return state(network).flows();
  }

  private static UserNetState state(UserNetwork network) throws Exception {
    return network.state().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
