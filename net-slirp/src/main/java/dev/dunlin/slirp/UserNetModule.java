package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionSpec;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import dev.dunlin.core.cli.Secret;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.net.NetBackendFactory;
import dev.dunlin.slirp.smb.SambaProvider;
import dev.dunlin.slirp.smb.SmbProvider;
import java.util.HashMap;
import java.util.Map;

/** Plugs the user-mode network into an emulator. */
public final class UserNetModule implements EmulatorModule {
  private static final ImmutableList<OptionSpec> OPTIONS =
      ImmutableList.of(
          new OptionSpec("tftp", "dir", "old spelling of -net user,tftp=dir"),
          new OptionSpec("bootp", "file", "old spelling of -net user,bootfile=file"),
          new OptionSpec("smb", "dir", "old spelling of -net user,smb=dir"),
          new OptionSpec(
              "redir",
              "[tcp|udp]:host-port:[guest-host]:guest-port",
              "old spelling of -net user,hostfwd=..."));

  private final UserNetworks networks = new UserNetworks();
  private final Map<String, GuestServer> handlers = new HashMap<>();
  private final UserNetworkFactory factory;

  /** For {@link java.util.ServiceLoader}: the host's clock, and Samba where packages put it. */
  public UserNetModule() {
    this(Clock.system(), new SambaProvider());
  }

  /**
   * @param provider serves {@code smb=}
   */
  public UserNetModule(Clock clock, SmbProvider provider) {
    this.factory = new UserNetworkFactory(networks, clock, provider, handlers);
  }

  /**
   * Lets {@code guestfwd=tcp:ADDRESS:PORT-handler:NAME} reach code of the embedding program; before
   * the options are read.
   */
  @CanIgnoreReturnValue
  public UserNetModule guestServer(String name, GuestServer server) {
    handlers.put(name, server);
    return this;
  }

  @Override
  public String name() {
    return "slirp";
  }

  @Override
  public ImmutableList<OptionSpec> options() {
    return OPTIONS;
  }

  @Override
  public ImmutableList<NetBackendFactory> netBackends() {
    return ImmutableList.of(factory);
  }

  @Override
  public void configure(ParsedOptions options) throws OptionException {
    factory.useOldOptions(OldOptions.read(options));
    factory.useSecrets(Secret.read(options));
    factory.useChardevs(chardevs(options));
  }

  private static ImmutableSet<String> chardevs(ParsedOptions options) throws OptionException {
    ImmutableSet.Builder<String> ids = ImmutableSet.builder();
    for (Option option : options.occurrences("chardev")) {
      ids.add(option.read(ChardevSyntax::parseOption).id());
    }
    return ids.build();
  }

  @Override
  public void start(Emulator emulator) {
    factory.useEmulator(EmulatorHost.of(emulator));
    new UserNetCommands(networks, emulator.loop()).register(emulator.monitor());
  }
}
