package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.MonitorCore.HmpTable;
import dev.dunlin.core.monitor.hmp.Words;
import java.util.List;
import java.util.Optional;

/** {@code help} and {@code info} by itself. Loop thread. */
final class HelpCommands {
  private final MonitorCore monitor;

  HelpCommands(MonitorCore monitor) {
    this.monitor = monitor;
  }

  void register() {
    monitor.addHmp(
        new HmpCommand(
            "help|?",
            "name:S?",
            "[cmd]",
            "show the help",
            call -> help(call, call.string("name").orElse(""))));
    monitor.addHmp(
        new HmpCommand(
            "info",
            "item:s?",
            "[subcommand]",
            "show various information about the system state",
            call -> call.print(all(monitor.info(), "info "))));
  }

  private void help(HmpCall call, String name) {
    // A quote that is left open says nothing, as in QEMU.
    Optional<ImmutableList<String>> words = Words.read(name);
    if (words.isPresent()) {
      call.print(words.get().isEmpty() ? all(monitor.commands(), "") : about(words.get()));
    }
  }

  private String about(List<String> words) {
    Optional<HmpCommand> command = monitor.commands().find(words.get(0));
    if (command.isEmpty()) {
      return unknown(words.get(0));
    }
    if (!command.get().name().equals("info")) {
      return line("", command.get());
    }
    String prefix = words.get(0) + " ";
    if (words.size() == 1) {
      return all(monitor.info(), prefix);
    }
    return monitor
        .info()
        .find(words.get(1))
        .map(item -> line(prefix, item))
        .orElseGet(() -> unknown(prefix + words.get(1)));
  }

  private static String all(HmpTable table, String prefix) {
    StringBuilder text = new StringBuilder();
    table.all().forEach(command -> text.append(line(prefix, command)));
    return text.toString();
  }

  private static String line(String prefix, HmpCommand command) {
    return prefix + command.name() + " " + command.params() + " -- " + command.help() + "\n";
  }

  private static String unknown(String name) {
    return "unknown command: '" + name + "'\n";
  }
}
