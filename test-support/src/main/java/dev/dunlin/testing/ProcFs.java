package dev.dunlin.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What proc(5) says about this process and others. Entries that vanish meanwhile are left out. */
public final class ProcFs {
  private ProcFs() {}

  /** One process: its parent, its state letter and its name. */
  public record Process(long pid, long parent, char state, String name) {
    public boolean isZombie() {
      return state == 'Z';
    }

    @Override
    public String toString() {
      return pid + " (" + name + ") " + state;
    }
  }

  /** Open descriptors of a process and what they point to, without the one that lists them. */
  public static Map<Integer, String> descriptors(long pid) {
    Path directory = Path.of("/proc", Long.toString(pid), "fd");
    Map<Integer, String> found = new TreeMap<>();
    for (Path entry : list(directory)) {
      readLink(entry)
          .filter(target -> !target.equals("/proc/" + pid + "/fd"))
          .ifPresent(target -> found.put(Integer.parseInt(entry.getFileName().toString()), target));
    }
    return found;
  }

  /** Children of {@code parent}, the dead and uncollected ones too. */
  public static List<Process> children(long parent) {
    List<Process> found = new ArrayList<>();
    for (Path entry : list(Path.of("/proc"))) {
      if (Character.isDigit(entry.getFileName().toString().charAt(0))) {
        process(entry).filter(process -> process.parent() == parent).ifPresent(found::add);
      }
    }
    return found;
  }

  /** Number of threads of a process as the kernel counts them; 0 when it is gone. */
  public static int threads(long pid) {
    return list(Path.of("/proc", Long.toString(pid), "task")).size();
  }

  /**
   * Whether somebody in the network namespace of process {@code pid} listens on this unix socket:
   * its flags hold __SO_ACCEPTCON (linux/net.h).
   */
  public static boolean isListening(long pid, Path socket) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "net/unix"))) {
      return lines.anyMatch(line -> line.endsWith(" " + socket) && line.contains(" 00010000 "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Process> process(Path entry) {
    try {
      String stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
      // The name is in parentheses and may hold any character, so the fields are cut after the
      // last.
      int open = stat.indexOf('(');
      int close = stat.lastIndexOf(')');
      String[] rest = stat.substring(close + 2).split(" ");
      return Optional.of(
          new Process(
              Long.parseLong(stat.substring(0, open).trim()),
              Long.parseLong(rest[1]),
              rest[0].charAt(0),
              stat.substring(open + 1, close)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static Optional<String> readLink(Path entry) {
    try {
      return Optional.of(Files.readSymbolicLink(entry).toString());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static List<Path> list(Path directory) {
    List<Path> entries = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return entries;
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
