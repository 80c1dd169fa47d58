package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.ChardevSpec.Unix;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetBackendFactory;
import dev.dunlin.core.posix.SocketName;
import java.net.Inet4Address;
import java.util.Optional;
import java.util.Set;

/** {@code -netdev dgram} (net/dgram.c). */
final class DatagramFactory implements NetBackendFactory {
  private final LinkHost host;

  DatagramFactory(LinkHost host) {
    this.host = host;
  }

  @Override
  public String type() {
    return "dgram";
  }

  @Override
  public NetBackend create(String name, KeyValueList options) throws OptionException {
    ModernOptions.refuseFlags(options);
    Optional<Address> local = address(options, "local");
    Optional<Address> remote = address(options, "remote");
    ModernOptions.refuseUnknown(
        AddressReader.without(AddressReader.without(options, "local"), "remote"), Set.of());
    if (local.isPresent() && local.get() instanceof Passed passed) {
      host.checkDescriptor(passed.name());
    }
    return new DatagramLink(name, spec(local, remote), host);
  }

  private static Optional<Address> address(KeyValueList options, String name)
      throws OptionException {
    return AddressReader.has(options, name)
        ? Optional.of(AddressReader.read(options, name))
        : Optional.empty();
  }

  private static DatagramSpec spec(Optional<Address> local, Optional<Address> remote)
      throws OptionException {
    if (remote.isPresent() && remote.get() instanceof Tcp tcp) {
      SocketName.Inet endpoint = Inet4Endpoints.endpoint(tcp.host(), tcp.port());
      if (endpoint.address().isMulticastAddress()) {
        return group(endpoint, local);
      }
    }
    if (local.isEmpty()) {
      throw new OptionException("dgram requires local= parameter");
    }
    Address from = local.get();
    if (from instanceof Passed passed) {
      if (remote.isPresent()) {
        throw new OptionException("don't set remote with local.fd");
      }
      String info = "fd=" + passed.name();
      return new DatagramSpec(new DatagramSpec.Passed(passed.name(), Optional.empty()), info);
    }
    if (remote.isEmpty()) {
      throw new OptionException("type=inet or type=unix requires remote parameter");
    }
    return pair(from, remote.get());
  }

  private static DatagramSpec pair(Address local, Address remote) throws OptionException {
    if (local instanceof Tcp from && remote instanceof Tcp to) {
      SocketName.Inet near = Inet4Endpoints.endpoint(from.host(), from.port());
      SocketName.Inet far = Inet4Endpoints.endpoint(to.host(), to.port());
      String info = "udp=" + near.host() + ":" + near.port() + "/" + far.host() + ":" + far.port();
      return new DatagramSpec(new DatagramSpec.Pair(near, far), info);
    }
    if (local instanceof Unix from && remote instanceof Unix to) {
      return new DatagramSpec(
          new DatagramSpec.Pair(new SocketName.Unix(from.path()), new SocketName.Unix(to.path())),
          "udp=" + from.path() + ":" + to.path());
    }
    throw new OptionException("remote and local types must be the same");
  }

  private static DatagramSpec group(SocketName.Inet group, Optional<Address> local)
      throws OptionException {
    String info = "mcast=" + group.host() + ":" + group.port();
    if (local.isEmpty()) {
      return new DatagramSpec(new DatagramSpec.Group(group, Optional.empty()), info);
    }
    if (local.get() instanceof Tcp tcp) {
      Inet4Address from = (Inet4Address) Inet4Endpoints.endpoint(tcp.host(), "0").address();
      return new DatagramSpec(new DatagramSpec.Group(group, Optional.of(from)), info);
    }
    if (local.get() instanceof Passed passed) {
      return new DatagramSpec(
          new DatagramSpec.Passed(passed.name(), Optional.of(group)), "fd=" + passed.name());
    }
    throw new OptionException("only support inet or fd type for local");
  }

  @Override
  public ImmutableList<Parameter> qmpParameters() {
    return ImmutableList.of(
        Parameter.optional("local", StreamFactory.ADDRESS),
        Parameter.optional("remote", StreamFactory.ADDRESS));
  }
}
