package dev.dunlin.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A real program that tests talk to: where it is, and the Debian package that brings it. {@code
 * ./test} installs every package named here; a test in the launcher checks that.
 */
public final class Peer {
  private static final Map<String, String> PACKAGES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("qemu-system-x86_64", "qemu-system-x86"),
              Map.entry("qemu-img", "qemu-utils"),
              Map.entry("smbd", "samba"),
              Map.entry("smbclient", "smbclient"),
              Map.entry("nc", "netcat-openbsd"),
              Map.entry("socat", "socat"),
              Map.entry("strace", "strace"),
              Map.entry("tshark", "tshark"),
              Map.entry("ip", "iproute2"),
              Map.entry("ping", "iputils-ping"),
              Map.entry("iperf3", "iperf3"),
              Map.entry("tcpdump", "tcpdump"),
              Map.entry("ps", "procps"),
              Map.entry("script", "bsdutils"),
              Map.entry("dhclient", "isc-dhcp-client"),
              Map.entry("dig", "bind9-dnsutils"),
              Map.entry("curl", "curl"),
              Map.entry("sysctl", "procps"),
              Map.entry("pkill", "procps"),
              Map.entry("unshare", "util-linux"),
              Map.entry("nsenter", "util-linux"),
              Map.entry("setpriv", "util-linux"),
              Map.entry("dnsmasq", "dnsmasq-base")));

  private Peer() {}

  /** Program to Debian package, sorted. */
  public static Map<String, String> packages() {
    return Map.copyOf(PACKAGES);
  }

  /** The package that has {@code program}; for one that isn't listed, its own name. */
  static String packageOf(String program) {
    return PACKAGES.getOrDefault(program, program);
  }

  /** The program's path: in PATH, or where daemons live, which users' PATHs leave out. */
  public static Optional<Path> find(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(
            Stream.of(path.split(":")), Stream.of("/usr/local/sbin", "/usr/sbin", "/sbin"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file))
        .findFirst();
  }

  /** The program's path, for a test that has {@link RequiresPeer}. */
  public static String path(String program) {
    return find(program).orElseThrow(() -> new IllegalStateException(missing(program))).toString();
  }

  static String missing(String program) {
    return "This test needs the program '"
        + program
        + "'; install it with: apt-get install "
        + packageOf(program);
  }
}
