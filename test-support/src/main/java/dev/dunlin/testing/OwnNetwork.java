package dev.dunlin.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A host network of the test's own, the same on every machine: a process runs in network and mount
 * namespaces where there is loopback, one more address, one address that can't be reached, a route
 * to nowhere else, and a resolv.conf that names {@link #RESOLVER}. Its ports are all free. Root
 * makes the namespaces as root, anybody else in a user namespace (user_namespaces(7)).
 */
public final class OwnNetwork {
  /** Where this network's DNS server is to be. */
  public static final String RESOLVER = "127.0.0.53";

  /** An address of this host that isn't loopback (RFC 5737). */
  public static final String NEIGHBOUR = "192.0.2.7";

  /** Connecting to it says EHOSTUNREACH. */
  public static final String UNREACHABLE = "192.0.2.99";

  /** Connecting to it says ENETUNREACH. */
  public static final String NOWHERE = "198.51.100.1";

  // ping_group_range: nobody may ping in a new namespace (icmp(7)).
  private static final String SETUP =
      "set -e; ip link set lo up; ip address add %s/32 dev lo; ip route add unreachable %s; "
              .formatted(NEIGHBOUR, UNREACHABLE)
          + "echo 0 0 >/proc/sys/net/ipv4/ping_group_range; "
          + "mount --bind \"$1\" /etc/resolv.conf; shift; exec \"$@\"";

  private OwnNetwork() {}

  /** Whether this machine allows it is found out by doing it; see {@link GuestImage#require}. */
  public static void require() {
    Path directory = TempDirs.create("net");
    try (ChildProcess probe = ChildProcess.start("unshare", in(directory, List.of("true")))) {
      ChildProcess.Result result = probe.awaitResult(Duration.ofSeconds(30));
      if (result.exitStatus() != 0) {
        GuestImage.refuse("No network namespace can be made here: " + result.stderr());
      }
    } finally {
      TempDirs.delete(directory);
    }
  }

  /** The command, to be run in a network of its own. The directory is the test's. */
  public static List<String> in(Path directory, List<String> command) {
    Path conf = directory.resolve("resolv.conf");
    try {
      Files.writeString(conf, "nameserver " + RESOLVER + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> all = new ArrayList<>(List.of("unshare", "--net", "--mount"));
    if (!"root".equals(System.getProperty("user.name"))) {
      all.add("--map-root-user");
    }
    all.addAll(List.of("sh", "-c", SETUP, "own-network", conf.toString()));
    all.addAll(command);
    return all;
  }
}
