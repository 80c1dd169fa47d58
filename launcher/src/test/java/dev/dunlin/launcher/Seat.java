package dev.dunlin.launcher;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Who Dunlin is in a test: each runs a command as that user, in a network and a mount namespace of
 * its own, after a script that is still root there. Whoever runs the tests gets as near as it may:
 * who isn't root has a user namespace around it all (user_namespaces(7)).
 */
enum Seat {
  /** Root, if the test is. */
  ROOT,
  /** Somebody without rights. */
  ORDINARY_USER,
  /** Root in a user namespace, who may set no groups there. */
  ROOT_OF_A_USER_NAMESPACE;

  /** nobody: a user who owns nothing that matters. */
  private static final int NOBODY = 65534;

  /** Everybody may open this one; a container's is often root's alone. */
  private static final String TUN =
      "if mount -t tmpfs -o mode=755 none /dev/net 2>/dev/null; then"
          + " mknod -m 666 /dev/net/tun c 10 200 2>/dev/null || umount /dev/net; fi; ";

  private static boolean testIsRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** The user's number, in the namespace where the script runs. */
  int user() {
    return this == ORDINARY_USER && testIsRoot() ? NOBODY : 0;
  }

  /**
   * The beginning of the command; what runs in the end is the process that was started.
   *
   * @param more options of unshare(1)
   */
  List<String> prefix(String script, List<String> more) {
    List<String> command = new ArrayList<>(List.of(Peer.path("unshare"), "--net", "--mount"));
    command.addAll(more);
    if (!testIsRoot() || this == ROOT_OF_A_USER_NAMESPACE) {
      command.addAll(List.of("--user", "--map-root-user"));
    }
    command.addAll(List.of("sh", "-c", "set -e; " + TUN + script + "; exec \"$@\"", "seat"));
    if (this == ORDINARY_USER) {
      command.addAll(becomeOrdinary());
    }
    return command;
  }

  private static List<String> becomeOrdinary() {
    return testIsRoot()
        ? List.of(Peer.path("setpriv"), "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups")
        : List.of(Peer.path("unshare"), "--user", "--map-user=1000", "--map-group=1000");
  }

  /** The beginning of a command of ours that is to run beside that process. */
  static List<String> beside(long pid) {
    List<String> command =
        new ArrayList<>(List.of(Peer.path("nsenter"), "--target", Long.toString(pid), "--net"));
    if (!testIsRoot()) {
      command.addAll(List.of("--user", "--preserve-credentials"));
    }
    return command;
  }

  /** Skips the test where this can't be had, or fails it where all must be. */
  void require() {
    List<String> command = new ArrayList<>(prefix("ip link set lo up", List.of()));
    command.addAll(List.of(java(), "-version"));
    try (ChildProcess probe = ChildProcess.start("seat", command)) {
      ChildProcess.Result result = probe.awaitResult(Duration.ofSeconds(60));
      if (result.exitStatus() != 0) {
        String why = "No " + this + " can be had here: " + result.stderr();
        if ("required".equals(System.getProperty("dunlin.peers"))) {
          throw new AssertionError(why);
        }
        Assumptions.abort(why);
      }
    }
  }

  private static String java() {
    return System.getProperty("java.home") + "/bin/java";
  }
}
