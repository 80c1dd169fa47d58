package dev.dunlin.launcher.guest;

import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.GuestVm;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A Dunlin with a user network for each kind of share, and one guest with a card on each of them.
 * Cards come up in the order of {@link Network}, whose shares are at {@code 10.0.N.4}.
 */
final class SharingHost implements AutoCloseable {
  static final String PASSWORD = "let me in";

  /** Room that the file system of {@code small} has. */
  static final int SMALL = 4 << 20;

  private static final Duration MOUNTING = Duration.ofMinutes(1);

  /** A user network and how it shares. */
  enum Network {
    OPEN("smb=%1$s/share"),
    ACCOUNT("smb=%1$s/share,smb-user=worker,smb-password-secret=word,smb-min-protocol=SMB3"),
    READ_ONLY("smb=%1$s/share,smb-readonly=on"),
    OLD("smb=%1$s/share,smb-min-protocol=NT1,smb.small=%1$s/small");

    private final String options;

    Network(String options) {
      this.options = options;
    }

    int number() {
      return 2 + ordinal();
    }

    String server() {
      return "10.0." + number() + ".4";
    }

    private String netdev(Path directory) {
      return "user,id=u%d,net=10.0.%1$d.0/24,".formatted(number()) + options.formatted(directory);
    }
  }

  private final Path directory;
  private final DunlinProcess dunlin;
  private final GuestVm guest;

  private SharingHost(Path directory, DunlinProcess dunlin, GuestVm guest) {
    this.directory = directory;
    this.dunlin = dunlin;
    this.guest = guest;
  }

  static SharingHost start() throws IOException {
    Path directory = TempDirs.create("sharing");
    Files.createDirectory(directory.resolve("share"));
    Files.createDirectory(directory.resolve("small"));
    Files.createDirectory(directory.resolve("tmp"));
    Files.writeString(directory.resolve("word"), PASSWORD);
    DunlinProcess dunlin =
        DunlinProcess.startInside(
            withSmallFileSystem(directory.resolve("small")),
            DunlinProcess.command(),
            Map.of("DUNLIN_BUILD", "never", "TMPDIR", directory.resolve("tmp").toString()),
            arguments(directory));
    try {
      dunlin.hmp().close();
      GuestVm guest = GuestVm.boot(cards(directory));
      SharingHost host = new SharingHost(directory, dunlin, guest);
      host.giveAddresses();
      return host;
    } catch (RuntimeException | Error e) {
      dunlin.close();
      throw e;
    }
  }

  /** Nobody but Dunlin sees it. Who isn't root has it in a user namespace. */
  private static List<String> withSmallFileSystem(Path mountPoint) {
    List<String> command = new ArrayList<>(List.of(Peer.path("unshare"), "--mount"));
    if (!"root".equals(System.getProperty("user.name"))) {
      command.add("--map-root-user");
    }
    String script = "mount -t tmpfs -o size=" + SMALL + " none \"$1\" && shift && exec \"$@\"";
    command.addAll(List.of("sh", "-c", script, "small", mountPoint.toString()));
    return command;
  }

  private static String[] arguments(Path directory) {
    List<String> arguments = new ArrayList<>(List.of("-M", "none"));
    arguments.addAll(List.of("-object", "secret,id=word,file=" + directory.resolve("word")));
    for (Network network : Network.values()) {
      String wire = "stream,id=w%1$d,server=on,addr.type=unix,addr.path=%2$s/wire%1$d";
      String port = "hubport,id=%s%d,hubid=%2$d,netdev=%s%2$d";
      int number = network.number();
      arguments.addAll(List.of("-netdev", network.netdev(directory)));
      arguments.addAll(List.of("-netdev", wire.formatted(number, directory)));
      arguments.addAll(List.of("-netdev", port.formatted("hu", number, "u")));
      arguments.addAll(List.of("-netdev", port.formatted("hw", number, "w")));
    }
    return arguments.toArray(String[]::new);
  }

  private static List<String> cards(Path directory) {
    List<String> arguments = new ArrayList<>();
    for (Network network : Network.values()) {
      String wire = "stream,id=n%1$d,server=off,addr.type=unix,addr.path=%2$s/wire%1$d";
      arguments.addAll(List.of("-netdev", wire.formatted(network.number(), directory)));
      arguments.addAll(List.of("-device", Card.VIRTIO.device("n" + network.number())));
    }
    return arguments;
  }

  private void giveAddresses() {
    for (Network network : Network.values()) {
      String card = "eth" + network.ordinal();
      String address = "10.0." + network.number() + ".15/24";
      guest.run("ip link set %s up && ip address add %s dev %1$s".formatted(card, address)).text();
    }
    guest.run("modprobe cifs", MOUNTING).text();
  }

  GuestVm guest() {
    return guest;
  }

  HmpClient monitor() {
    return dunlin.hmp();
  }

  /** What Dunlin logged. */
  String log() {
    return dunlin.process().stderr().text();
  }

  /** The directory that every network shares. */
  Path share() {
    return directory.resolve("share");
  }

  /** Where Samba's files are. */
  Path temporary() {
    return directory.resolve("tmp");
  }

  /** A share in the guest's file tree, at /mnt, until it is closed. */
  Mount mount(Network network, String share, String options) {
    GuestVm.Outcome outcome = tryMount(network, share, options);
    if (outcome.status() != 0) {
      throw new AssertionError("mount: " + outcome.output() + "\nDunlin said: " + log());
    }
    return new Mount();
  }

  GuestVm.Outcome tryMount(Network network, String share, String options) {
    String command =
        "mount -t cifs //%s/%s /mnt -o 'ip=%1$s,iocharset=utf8,%s'"
            .formatted(network.server(), share, options);
    // The kernel says the reason where nobody looks.
    return guest.run("{ " + command + "; } 2>&1 || { dmesg | tail -n 3; exit 1; }", MOUNTING);
  }

  /** What is mounted at /mnt. */
  final class Mount implements AutoCloseable {
    @Override
    public void close() {
      guest.run("umount /mnt", MOUNTING).text();
    }
  }

  @Override
  public void close() {
    guest.close();
    dunlin.close();
    TempDirs.delete(directory);
  }
}
