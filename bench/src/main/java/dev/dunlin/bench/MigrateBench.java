package dev.dunlin.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** {@code bench/migrate [ROUNDS [MIB [TRANSPORT...]]]}: a stopped guest, from both in turn. */
public final class MigrateBench {
  private static final int MIB = 1 << 20;

  private final PrintStream out = System.out;
  private final int rounds;
  private final int mib;
  private final List<Transport> transports;

  private MigrateBench(int rounds, int mib, List<Transport> transports) {
    this.rounds = rounds;
    this.mib = mib;
    this.transports = transports;
  }

  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
    int mib = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2048;
    new MigrateBench(rounds, mib, transports(arguments)).run();
  }

  private static List<Transport> transports(String[] arguments) {
    List<String> names = Arrays.stream(arguments).skip(2).toList();
    if (names.isEmpty()) {
      return List.of(Transport.EXEC);
    }
    return names.equals(List.of("all"))
        ? List.of(Transport.values())
        : names.stream().map(Transport::named).toList();
  }

  private void run() throws IOException {
    out.printf(
        "%d MiB, -M none, stopped; %d rounds in turn; MB/s = 10^6 bytes of RAM a second;"
            + " multifd with %d channels%n%n",
        mib, rounds, Multifd.CHANNELS);
    Track.printHead(out);
    Path random = randomFile();
    try {
      compare("random", twice(random));
    } finally {
      Files.deleteIfExists(random);
    }
    compare("zero", List.of());
  }

  private void compare(String ram, List<String> contents) {
    List<String> machine = new ArrayList<>(List.of("-M", "none", "-m", mib + "M", "-S"));
    machine.addAll(contents);
    try (Contender qemu = Contender.qemu(machine);
        Contender dunlin = Contender.dunlin(machine)) {
      for (Transport transport : transports) {
        compare(ram, transport, new Track(qemu, transport, mib), new Track(dunlin, transport, mib));
      }
    }
  }

  /** One line for each program, and the ratio of their medians. */
  private void compare(String ram, Transport transport, Track qemu, Track dunlin) {
    for (int round = 0; round <= rounds; round++) {
      (round % 2 == 0 ? qemu : dunlin).run();
      (round % 2 == 0 ? dunlin : qemu).run();
    }
    qemu.print(ram, out);
    dunlin.print(ram, out);
    double speed = dunlin.rate().median() / qemu.rate().median();
    double cost = dunlin.cpu().median() / qemu.cpu().median();
    double bar = transport.bar(ram.equals("random"));
    out.printf(
        Locale.ROOT,
        "%-12s %-6s ratio of medians: MB/s %.2f (bar >= %.0f %s), CPU %.2f (bar <= 1 %s)%n%n",
        transport.label(),
        ram,
        speed,
        bar,
        speed >= bar ? "reached" : "MISSED",
        cost,
        cost <= 1 ? "reached" : "MISSED");
  }

  /** QEMU's loader reads a file with one read(2), which takes no more than 2 GiB less a page. */
  private List<String> twice(Path half) {
    String loader = "loader,file=" + half + ",force-raw=on,addr=";
    return List.of("-device", loader + 0, "-device", loader + (long) mib * MIB / 2);
  }

  /** Half of the RAM's contents. */
  private Path randomFile() throws IOException {
    Path file = inMemory(".ram");
    // Ctrl-C must not leave so much memory taken.
    file.toFile().deleteOnExit();
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

  /** A temporary file; in memory where that is possible, so that it costs no disk. */
  private static Path inMemory(String suffix) throws IOException {
    Path shm = Path.of("/dev/shm");
    return Files.isWritable(shm)
        ? Files.createTempFile(shm, "dunlin-bench", suffix)
        : Files.createTempFile("dunlin-bench", suffix);
  }
}
