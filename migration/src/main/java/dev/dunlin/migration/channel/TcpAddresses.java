package dev.dunlin.migration.channel;

import com.google.common.collect.ImmutableList;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Host and port of a {@code tcp:} address as socket addresses; failures in getaddrinfo's words. */
final class TcpAddresses {
  private static final int MAX_PORT = 65_535;

  private TcpAddresses() {}

  /** Addresses to connect to, in the resolver's order. */
  static ImmutableList<InetSocketAddress> remote(ChannelUri.Tcp uri, AbortSignal abort)
      throws ChannelException, AbortedException {
    if (uri.host().isEmpty()) {
      throw failed(uri, "Name or service not known");
    }
    return resolve(uri, abort);
  }

  /** Addresses to listen on; no host means all of them. */
  static ImmutableList<InetSocketAddress> local(ChannelUri.Tcp uri, AbortSignal abort)
      throws ChannelException, AbortedException {
    if (!uri.host().isEmpty()) {
      return resolve(uri, abort);
    }
    InetSocketAddress any = new InetSocketAddress(port(uri));
    boolean onlyV4 = uri.ipv6().equals(Optional.of(false)) || uri.ipv4().equals(Optional.of(true));
    return ImmutableList.of(onlyV4 ? new InetSocketAddress("0.0.0.0", any.getPort()) : any);
  }

  private static ImmutableList<InetSocketAddress> resolve(ChannelUri.Tcp uri, AbortSignal abort)
      throws ChannelException, AbortedException {
    int port = port(uri);
    ImmutableList<InetSocketAddress> addresses =
        lookUp(uri, abort).stream()
            .filter(address -> isWanted(uri, address instanceof Inet4Address))
            .map(address -> new InetSocketAddress(address, port))
            .collect(ImmutableList.toImmutableList());
    if (addresses.isEmpty()) {
      throw failed(uri, "Address family for hostname not supported");
    }
    return addresses;
  }

  /** A resolver can take half a minute and can't be interrupted, so it has a thread of its own. */
  private static ImmutableList<InetAddress> lookUp(ChannelUri.Tcp uri, AbortSignal abort)
      throws ChannelException, AbortedException {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                answer.complete(ImmutableList.copyOf(InetAddress.getAllByName(uri.host())));
              } catch (UnknownHostException e) {
                answer.complete(e);
              } catch (RuntimeException e) {
                answer.completeExceptionally(new CompletionException(e));
              }
            },
            "resolve " + uri.host());
    thread.setDaemon(true);
    thread.start();
    Object outcome = abort.await(answer);
    if (outcome instanceof UnknownHostException) {
      throw failed(uri, "Name or service not known");
    }
    ImmutableList.Builder<InetAddress> addresses = ImmutableList.builder();
    for (Object address : (ImmutableList<?>) outcome) {
      addresses.add((InetAddress) address);
    }
    return addresses.build();
  }

  /** One family switched on means only that one, unless the other is switched on too. */
  private static boolean isWanted(ChannelUri.Tcp uri, boolean isV4) {
    Optional<Boolean> own = isV4 ? uri.ipv4() : uri.ipv6();
    Optional<Boolean> other = isV4 ? uri.ipv6() : uri.ipv4();
    return own.orElse(!other.orElse(false));
  }

  private static int port(ChannelUri.Tcp uri) throws ChannelException {
    try {
      int port = Integer.parseInt(uri.port());
      if (port >= 0 && port <= MAX_PORT && Character.isDigit(uri.port().charAt(0))) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below: getaddrinfo's word for it, whatever is wrong with the port.
    }
    throw failed(uri, "Servname not supported for ai_socktype");
  }

  private static ChannelException failed(ChannelUri.Tcp uri, String why) {
    return new ChannelException(
        "address resolution failed for " + uri.host() + ":" + uri.port() + ": " + why);
  }
}
