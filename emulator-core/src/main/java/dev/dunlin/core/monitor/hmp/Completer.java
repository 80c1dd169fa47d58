package dev.dunlin.core.monitor.hmp;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorCore.HmpTable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Completes command names, what follows {@code info} and {@code help}, file names and switches, as
 * monitor_find_completion in monitor/hmp.c does. Loop thread.
 */
final class Completer {
  private static final ImmutableList<String> SWITCH = ImmutableList.of("on", "off");

  private final HmpTable commands;
  private final HmpTable info;

  Completer(HmpTable commands, HmpTable info) {
    this.commands = commands;
    this.info = info;
  }

  /** Completes the last word of what stands before the cursor. */
  Completion complete(String line) {
    return Words.split(line).map(words -> complete(commands, words)).orElse(Completion.NONE);
  }

  private Completion complete(HmpTable table, List<String> words) {
    if (words.size() == 1) {
      return Completion.of(words.get(0), names(table));
    }
    Optional<HmpCommand> command = table.find(words.get(0));
    if (command.isEmpty()) {
      return Completion.NONE;
    }
    List<String> rest = words.subList(1, words.size());
    return switch (command.get().name()) {
      case "info" -> complete(info, rest);
      case "help|?" -> complete(commands, rest);
      default -> completeArgument(command.get(), rest);
    };
  }

  private static Completion completeArgument(HmpCommand command, List<String> words) {
    ImmutableList<ArgumentSpec> positional =
        ArgumentSpec.parse(command.argsType()).stream()
            .filter(spec -> !spec.isOption())
            .collect(ImmutableList.toImmutableList());
    List<String> given = new ArrayList<>(words);
    given.removeIf(word -> word.startsWith("-"));
    if (given.isEmpty() || given.size() > positional.size()) {
      return Completion.NONE;
    }
    String word = given.get(given.size() - 1);
    return switch (positional.get(given.size() - 1).type()) {
      case 'F' -> files(word);
      case 'b' -> Completion.of(word, SWITCH);
      default -> Completion.NONE;
    };
  }

  private static ImmutableList<String> names(HmpTable table) {
    return table.all().stream()
        .flatMap(command -> Splitter.on('|').splitToStream(command.name()))
        .collect(ImmutableList.toImmutableList());
  }

  private static Completion files(String word) {
    int slash = word.lastIndexOf('/');
    String directory = word.substring(0, slash + 1);
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(Path.of(directory.isEmpty() ? "." : directory))) {
      for (Path entry : entries) {
        String name = directory + entry.getFileName();
        if (name.startsWith(word) && found.size() < Completion.MAX_CANDIDATES) {
          found.add(Files.isDirectory(entry) ? name + "/" : name);
        }
      }
    } catch (IOException | RuntimeException unreadable) {
      return Completion.NONE;
    }
    return Completion.of(word, found);
  }
}
