package dev.dunlin.core.net.link;

import com.google.common.net.InetAddresses;
import com.google.common.primitives.Ints;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.SocketName;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The IPv4 endpoints of the older links: {@code host:port}, a name or an address, and any address
 * of the host when there is none (parse_host_port in net/net.c).
 */
final class Inet4Endpoints {
  private Inet4Endpoints() {}

  static byte[] of(Inet4Address address) {
    return address.getAddress();
  }

  /** {@code 127.0.0.1:1234}. */
  static SocketName.Inet endpoint(String text) throws OptionException {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new OptionException(
          "host address '" + text + "' doesn't contain ':' separating host from port");
    }
    return endpoint(text.substring(0, colon), text.substring(colon + 1));
  }

  static SocketName.Inet endpoint(String host, String port) throws OptionException {
    Inet4Address address = address(host);
    return new SocketName.Inet(address, port(port));
  }

  /** The low 16 bits count, as in QEMU: htons of a strtol. */
  private static int port(String text) throws OptionException {
    Integer port = Ints.tryParse(text);
    if (port == null) {
      throw new OptionException("port number '" + text + "' is invalid");
    }
    return port & 0xffff;
  }

  private static Inet4Address address(String host) throws OptionException {
    try {
      if (host.isEmpty()) {
        return (Inet4Address) InetAddress.getByAddress(new byte[4]);
      }
      return (Inet4Address)
          Arrays.stream(InetAddress.getAllByName(host))
              .filter(Inet4Address.class::isInstance)
              .findFirst()
              .orElseThrow(() -> new UnknownHostException(host));
    } catch (UnknownHostException e) {
      throw new OptionException("can't resolve host address '" + host + "'");
    }
  }

  /** A group, or QEMU's words. */
  static SocketName.Inet group(SocketName.Inet endpoint) throws OptionException {
    if (!endpoint.address().isMulticastAddress()) {
      byte[] bytes = endpoint.address().getAddress();
      throw new OptionException(
          String.format(
              "specified mcastaddr %s (0x%08x) does not contain a multicast address",
              endpoint.host(), Ints.fromByteArray(bytes)));
    }
    return endpoint;
  }

  /** {@code localaddr=} of a group: an address, no port. */
  static Inet4Address literal(String text) throws OptionException {
    Optional<InetAddress> address =
        InetAddresses.isInetAddress(text)
            ? Optional.of(InetAddresses.forString(text))
            : Optional.empty();
    if (address.isPresent() && address.get() instanceof Inet4Address four) {
      return four;
    }
    throw new OptionException("localaddr '" + text + "' is not a valid IPv4 address");
  }
}
