package dev.dunlin.launcher.guest;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A kernel as the guest: a network namespace with a TAP device that stays when the program behind
 * it ends, and its addresses and connections with it, so that another program can take over.
 */
final class LastingTap implements AutoCloseable {
  static final String DEVICE = "tap0";
  static final String ADDRESS = "10.0.2.15";

  private final String name = "dunlin-lasting-" + ProcessHandle.current().pid();

  private LastingTap() {}

  static LastingTap create() {
    boolean root = System.getProperty("user.name", "").equals("root");
    if (!root && !"required".equals(System.getProperty("dunlin.peers"))) {
      Assumptions.abort("network namespaces need root");
    }
    LastingTap made = new LastingTap();
    require(List.of(Peer.path("ip"), "netns", "add", made.name));
    made.ip("link", "set", "lo", "up");
    made.ip("tuntap", "add", "dev", DEVICE, "mode", "tap");
    made.ip("link", "set", DEVICE, "up");
    return made;
  }

  /** Gives the guest its address, without asking for it. */
  void configure() {
    ip("addr", "add", ADDRESS + "/24", "dev", DEVICE);
    ip("route", "add", "default", "via", "10.0.2.2");
  }

  /** A user network behind it, with these options. */
  List<String> arguments(String user) {
    return List.of(
        "-M",
        "none",
        "-m",
        "1",
        "-netdev",
        "user,id=u" + user,
        "-netdev",
        "tap,id=t,script=no,downscript=no,ifname=" + DEVICE + ",netns=/run/netns/" + name,
        "-netdev",
        "hubport,id=h0,hubid=0,netdev=u",
        "-netdev",
        "hubport,id=h1,hubid=0,netdev=t");
  }

  void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Peer.path("ip"), "-n", name));
    command.addAll(List.of(arguments));
    require(command);
  }

  /** A program in here, which must succeed; what it said. */
  String require(String program, String... arguments) {
    return require(command(program, arguments));
  }

  /** A program in here that goes on. */
  ChildProcess start(String program, String... arguments) {
    return ChildProcess.start(program, command(program, arguments));
  }

  private List<String> command(String program, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(Peer.path("ip"), "netns", "exec", name, Peer.path(program)));
    command.addAll(List.of(arguments));
    return command;
  }

  private static String require(List<String> command) {
    ChildProcess.Result result = run(command);
    if (result.exitStatus() != 0) {
      throw new AssertionError(command + ": " + result);
    }
    return result.stdout() + result.stderr();
  }

  private static ChildProcess.Result run(List<String> command) {
    try (ChildProcess process = ChildProcess.start(command.get(0), command)) {
      process.closeStdin();
      return process.awaitResult(Await.GENEROUS);
    }
  }

  @Override
  public void close() {
    require(List.of(Peer.path("ip"), "netns", "del", name));
  }
}
