package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.Secret;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetBackendFactory;
import dev.dunlin.core.net.NetDirectory;
import dev.dunlin.slirp.forward.GuestForwardRule;
import dev.dunlin.slirp.forward.GuestForwardRule.Target;
import dev.dunlin.slirp.smb.SmbOptions;
import dev.dunlin.slirp.smb.SmbProvider;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Makes user networks of checked options. Loop thread. */
final class UserNetworkFactory implements NetBackendFactory {
  private static final QmpType STRINGS =
      new QmpType.ListOf(
          new QmpType.Struct(
              "String", ImmutableList.of(Parameter.required("str", QmpType.STRING))));

  private final UserNetworks networks;
  private final Clock clock;
  private final SmbProvider provider;
  private ImmutableMap<String, Secret> secrets = ImmutableMap.of();
  private final StackEnvironments environments;
  private final Map<String, GuestServer> handlers;
  private Optional<EmulatorHost> emulator = Optional.empty();
  private Predicate<String> knownChardevs = id -> true;
  private OldOptions old = OldOptions.NONE;
  private boolean made;

  UserNetworkFactory(
      UserNetworks networks, Clock clock, SmbProvider provider, Map<String, GuestServer> handlers) {
    this.networks = networks;
    this.clock = clock;
    this.provider = provider;
    this.handlers = handlers;
    this.environments = StackEnvironments.ofHost(clock);
  }

  @Override
  public String type() {
    return "user";
  }

  @Override
  public void useDirectory(NetDirectory directory) {
    networks.useDirectory(directory);
  }

  void useOldOptions(OldOptions options) {
    old = options;
  }

  /** For the networks that start from now on. */
  void useEmulator(EmulatorHost host) {
    emulator = Optional.of(host);
    knownChardevs = id -> host.chardevs().find(id).isPresent();
  }

  /** Before there is an emulator: those that the command line makes. */
  void useChardevs(ImmutableSet<String> ids) {
    knownChardevs = ids::contains;
  }

  void useSecrets(ImmutableMap<String, Secret> given) {
    secrets = given;
  }

  @Override
  public NetBackend create(String name, KeyValueList options) throws OptionException {
    SlirpConfig config =
        SlirpConfigReader.read(old.under(options), new SmbOptions(provider, secrets));
    checkTargets(config);
    if (!made) {
      config = config.withMoreForwards(old.redirections());
      made = true;
    }
    UserNetwork network = new UserNetwork(name, config, clock, environments, networks::remove);
    network.useServices(new GuestServices(name, config, provider, () -> emulator, handlers));
    networks.add(network);
    return network;
  }

  /** What guest forwards name must be there. */
  private void checkTargets(SlirpConfig config) throws OptionException {
    for (GuestForwardRule rule : config.guestForwards()) {
      if (rule.target() instanceof Target.NamedDevice device && !knownChardevs.test(device.id())) {
        throw rule.notOpened("chardev \"" + device.id() + "\" not found");
      }
      if (rule.target() instanceof Target.Handler handler
          && !handlers.containsKey(handler.name())) {
        throw rule.notOpened("no handler '" + handler.name() + "'");
      }
    }
  }

  @Override
  public void checkUnused() throws OptionException {
    if (!made) {
      old.refuseUnused();
    }
  }

  /** As in qapi/net.json, NetdevUserOptions, and our own. */
  @Override
  public ImmutableList<Parameter> qmpParameters() {
    ImmutableList.Builder<Parameter> parameters = ImmutableList.builder();
    for (String flag :
        ImmutableList.of("restrict", "ipv4", "ipv6", "smb-readonly", "host-loopback", "metadata")) {
      parameters.add(Parameter.optional(flag, QmpType.BOOL));
    }
    for (String text :
        ImmutableList.of(
            "hostname",
            "ip",
            "net",
            "host",
            "tftp",
            "bootfile",
            "dhcpstart",
            "dns",
            "domainname",
            "ipv6-prefix",
            "ipv6-host",
            "ipv6-dns",
            "smb",
            "smbserver",
            "smb-user",
            "smb-password-secret",
            "smb-min-protocol",
            "tftp-server-name")) {
      parameters.add(Parameter.optional(text, QmpType.STRING));
    }
    parameters.add(Parameter.optional("ipv6-prefixlen", QmpType.INT));
    parameters.add(Parameter.optional("mtu", QmpType.INT));
    for (String several : ImmutableList.of("dnssearch", "hostfwd", "guestfwd", "block")) {
      parameters.add(Parameter.optional(several, STRINGS));
    }
    return parameters.build();
  }
}
