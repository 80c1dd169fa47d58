package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import dev.dunlin.core.chardev.ChardevSpec.Address;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.Endpoints;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.SocketName;
import java.util.concurrent.CompletableFuture;

/** Turns an address into names to bind or connect to; asks the resolver on a thread of its own. */
final class NameLookup {
  private NameLookup() {}

  /** Fails with an OptionException. Any thread. */
  static CompletableFuture<ImmutableList<SocketName>> of(Address address, boolean server) {
    CompletableFuture<ImmutableList<SocketName>> names = new CompletableFuture<>();
    Runnable lookup =
        () -> {
          try {
            names.complete(Endpoints.resolve(address, server));
          } catch (OptionException | RuntimeException e) {
            names.completeExceptionally(e);
          }
        };
    if (address instanceof Tcp tcp && !isLiteral(tcp.host())) {
      Thread thread = new Thread(lookup, "resolve " + tcp.host());
      thread.setDaemon(true);
      thread.start();
    } else {
      lookup.run();
    }
    return names;
  }

  private static boolean isLiteral(String host) {
    return host.isEmpty() || InetAddresses.isInetAddress(host);
  }
}
