package dev.dunlin.bench;

import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.Peer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * {@code bench/migrate}: a stopped guest into {@code cat >/dev/null}, from both programs in turn.
 */
public final class MigrateBench {
  private static final String URI = "exec:cat >/dev/null";
  private static final int MIB = 1 << 20;

  private final PrintStream out = System.out;
  private final int rounds;
  private final int mib;

  private MigrateBench(int rounds, int mib) {
    this.rounds = rounds;
    this.mib = mib;
  }

  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
    int mib = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2048;
    new MigrateBench(rounds, mib).run();
  }

  private void run() throws IOException {
    out.printf(
        "%d MiB, -M none, stopped, %s; %d rounds in turn; MB/s = 10^6 bytes of RAM a second%n%n",
        mib, URI, rounds);
    out.printf(
        "%-7s %-7s %9s %19s %9s %9s%n",
        "RAM", "program", "median", "min - max", "first", "reported");
    Path random = randomFile();
    try {
      compare("random", twice(random));
    } finally {
      Files.deleteIfExists(random);
    }
    compare("zero", List.of());
  }

  /** One line for each program and the ratio of their medians. */
  private void compare(String ram, List<String> contents) {
    List<String> machine = new ArrayList<>(List.of("-M", "none", "-m", mib + "M", "-S"));
    machine.addAll(contents);
    try (Contender qemu = Contender.start("qemu", qemuCommand(), machine);
        Contender dunlin = Contender.start("dunlin", DunlinProcess.command(), machine)) {
      double ofQemu;
      double ofDunlin;
      Track qemuTrack = new Track(qemu, bytes());
      Track dunlinTrack = new Track(dunlin, bytes());
      for (int round = 0; round <= rounds; round++) {
        (round % 2 == 0 ? qemuTrack : dunlinTrack).run(URI);
        (round % 2 == 0 ? dunlinTrack : qemuTrack).run(URI);
      }
      ofQemu = qemuTrack.print(ram, out);
      ofDunlin = dunlinTrack.print(ram, out);
      out.printf("%-7s ratio of medians: %.2f%n%n", ram, ofDunlin / ofQemu);
    }
  }

  /** QEMU's loader reads a file with one read(2), which takes no more than 2 GiB less a page. */
  private List<String> twice(Path half) {
    String loader = "loader,file=" + half + ",force-raw=on,addr=";
    return List.of("-device", loader + 0, "-device", loader + bytes() / 2);
  }

  private static List<String> qemuCommand() {
    return List.of(Peer.path("qemu-system-x86_64"), "-accel", "tcg", "-display", "none");
  }

  private long bytes() {
    return (long) mib * MIB;
  }

  /**
   * Half of the RAM's contents; in memory where that is possible, so that loading it costs no disk.
   */
  private Path randomFile() throws IOException {
    Path shm = Path.of("/dev/shm");
    Path file =
        Files.isWritable(shm)
            ? Files.createTempFile(shm, "dunlin-bench", ".ram")
            : Files.createTempFile("dunlin-bench", ".ram");
    SplittableRandom random = new SplittableRandom(1);
    byte[] piece = new byte[MIB];
    try (OutputStream to = Files.newOutputStream(file)) {
      for (int i = 0; i < mib / 2; i++) {
        random.nextBytes(piece);
        to.write(piece);
      }
    }
    return file;
  }
}
