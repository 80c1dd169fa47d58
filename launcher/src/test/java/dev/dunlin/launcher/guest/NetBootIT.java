package dev.dunlin.launcher.guest;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * iPXE, as QEMU's cards have it in their ROM, finds by DHCP and loads by TFTP first a script and
 * then a program, from the user network's services alone.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class NetBootIT {
  /** BIOS and ROM in an emulated CPU on a busy machine; alone they need about five seconds. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final String SCRIPT =
      """
      #!ipxe
      chain tftp://${next-server}/program.0
      """;

  private Path directory = Path.of("");

  @BeforeEach
  void serve_a_script_and_a_program() throws IOException {
    directory = TempDirs.create("boot");
    Path tftp = Files.createDirectory(directory.resolve("tftp"));
    Files.writeString(tftp.resolve("script.ipxe"), SCRIPT);
    Files.write(tftp.resolve("program.0"), BootProgram.bytes());
  }

  @AfterEach
  void remove_them() {
    TempDirs.delete(directory);
  }

  @ParameterizedTest
  @EnumSource(Card.class)
  void ipxe_boots_over_dunlin(Card card) {
    Wiring wiring = Wiring.STREAM_UNIX;
    List<String> arguments = new ArrayList<>(List.of("-M", "none"));
    arguments.addAll(wiring.networkArguments(user(), directory.toString()));
    try (DunlinProcess dunlin = DunlinProcess.startWithMonitors(arguments.toArray(String[]::new))) {
      dunlin.hmp().close();
      boot(wiring.guestNetdev(directory.toString()), card.booting("n"));
    }
  }

  /** The same machine and files, so that a failure of the other test is Dunlin's. */
  @ParameterizedTest
  @EnumSource(Card.class)
  @Tag("soak")
  void ipxe_boots_over_qemu_s_own_network(Card card) {
    boot(user(), card.booting("u"));
  }

  private String user() {
    return "user,id=u,tftp=" + directory.resolve("tftp") + ",bootfile=script.ipxe";
  }

  private static void boot(String netdev, String device) {
    List<String> command = new ArrayList<>();
    command.add(Peer.path("qemu-system-x86_64"));
    command.addAll(List.of("-accel", "tcg", "-m", "64", "-nodefaults", "-no-user-config"));
    command.addAll(List.of("-display", "none", "-boot", "n"));
    command.addAll(List.of("-chardev", "stdio,id=console,signal=off"));
    command.addAll(List.of("-serial", "chardev:console"));
    command.addAll(List.of("-netdev", netdev, "-device", device));
    try (ChildProcess guest = ChildProcess.start("guest", command)) {
      guest.stdout().awaitAfter(0, BootProgram.WHOLE, LIMIT);
    }
  }
}
