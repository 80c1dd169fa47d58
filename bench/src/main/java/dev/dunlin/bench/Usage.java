package dev.dunlin.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What a process used, by proc(5). */
public final class Usage {
  /** USER_HZ, which is 100 on every Linux that runs Java. */
  private static final double TICKS_PER_SECOND = 100;

  private Usage() {}

  /** User and system time of all its threads, the ended ones too. */
  public static double cpuSeconds(long pid) {
    return ticks(pid, 11, 12) / TICKS_PER_SECOND;
  }

  /** The same, and that of the children that have ended and were waited for. */
  static double cpuSecondsWithChildren(long pid) {
    return ticks(pid, 11, 14) / TICKS_PER_SECOND;
  }

  /** The sum of some fields, counted from the one behind the name. */
  private static double ticks(long pid, int first, int last) {
    String stat = read(pid, "stat");
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Arrays.stream(afterName, first, last + 1).mapToLong(Long::parseLong).sum();
  }

  public static double residentMib(long pid) {
    return read(pid, "status")
            .lines()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum()
        / 1024.0;
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
