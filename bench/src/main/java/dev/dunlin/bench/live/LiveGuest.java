package dev.dunlin.bench.live;

import dev.dunlin.bench.Contender;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.DirtyGuest;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.TempDirs;
import dev.dunlin.testing.WrittenPages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What both programs run: {@code -M pc} with 512 MiB, of which 256 are filled and then written page
 * by page. Owns its files.
 */
final class LiveGuest implements AutoCloseable {
  private static final long MIB = 1 << 20;
  private static final long START = MIB;
  private static final long BYTES = 256 * MIB;

  /** When this one was written, the guest is at it. */
  private static final long SOON = START + 4 * MIB;

  private final Path directory;
  private final Path fill;

  private LiveGuest(Path directory, Path fill) {
    this.directory = directory;
    this.fill = fill;
  }

  static LiveGuest create() throws IOException {
    Path shm = Path.of("/dev/shm");
    Path directory =
        Files.isWritable(shm)
            ? Files.createTempDirectory(shm, "dunlin-bench")
            : Files.createTempDirectory("dunlin-bench");
    Path fill = directory.resolve("fill");
    // Ctrl-C must not leave so much memory taken. The last that was named goes first.
    directory.toFile().deleteOnExit();
    for (String name : List.of("fill", "memory", "in", "dirty-guest")) {
      directory.resolve(name).toFile().deleteOnExit();
    }
    WrittenPages.fill(fill, (int) (BYTES / 4096));
    return new LiveGuest(directory, fill);
  }

  /** For sockets too. */
  Path directory() {
    return directory;
  }

  /** What the receiver has: QEMU's guest brings an option ROM along, which starts it. */
  List<String> receiver() throws IOException {
    return List.of(
        "-M",
        "pc",
        "-m",
        "512M",
        "-nodefaults",
        "-vga",
        "none",
        "-device",
        "VGA,global-vmstate=on",
        "-kernel",
        program(0).toString());
  }

  Contender startQemu(long rate) throws IOException {
    List<String> machine = new ArrayList<>(receiver());
    machine.set(machine.size() - 1, program(rate).toString());
    return started(Contender.qemu(filled(machine)));
  }

  Contender startDunlin(long rate) throws IOException {
    List<String> machine = new ArrayList<>(receiver());
    machine.subList(machine.size() - 2, machine.size()).clear();
    machine.addAll(
        List.of(
            "-device", "ram-writer,start=%d,end=%d,rate=%d".formatted(START, START + BYTES, rate)));
    return started(Contender.dunlin(filled(machine)));
  }

  private Path program(long rate) throws IOException {
    return DirtyGuest.write(directory, START, START + BYTES, rate);
  }

  private List<String> filled(List<String> machine) {
    List<String> all = new ArrayList<>(machine);
    all.addAll(List.of("-device", "loader,file=%s,force-raw=on,addr=%d".formatted(fill, START)));
    return all;
  }

  private static Contender started(Contender contender) {
    Await.until(
        contender.name() + "'s guest to write",
        () -> !contender.qmp().human("xp /1bx 0x%x".formatted(SOON)).contains("0x00"));
    return contender;
  }

  /** Pages written before {@link #started} comes back, about. */
  static long writtenAtStart() {
    return (SOON - START) / 4096;
  }

  /**
   * Checks the memory of a guest that stands still.
   *
   * @return how often it has written a page
   */
  long pagesWritten(QmpClient qmp) throws IOException {
    Path memory = directory.resolve("memory");
    try {
      qmp.execute("pmemsave", Map.of("val", START, "size", BYTES, "filename", memory.toString()));
      return WrittenPages.count(fill, memory);
    } finally {
      Files.deleteIfExists(memory);
    }
  }

  @Override
  public void close() throws IOException {
    TempDirs.delete(directory);
  }
}
