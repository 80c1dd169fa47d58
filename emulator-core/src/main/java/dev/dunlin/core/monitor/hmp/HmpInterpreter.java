package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.MonitorException;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.apache.logging.log4j.LogManager;

/**
 * Runs command lines: finds the command (and what follows {@code info}), reads its arguments, calls
 * it, and says what was wrong, as handle_hmp_command in monitor/hmp.c does. Loop thread.
 */
public final class HmpInterpreter {
  private final MonitorCore registry;
  private final Executor loop;
  private final FormatDefaults formats = new FormatDefaults();

  /** {@code loop} runs what is to be done later. */
  public HmpInterpreter(MonitorCore registry, Executor loop) {
    this.registry = registry;
    this.loop = loop;
  }

  MonitorCore registry() {
    return registry;
  }

  void later(Runnable action) {
    loop.execute(action);
  }

  /** Runs one line; {@code finished} is called once, when the prompt may return. */
  public void execute(String line, HmpConsole console, Runnable finished) {
    HmpText text = new HmpText(line);
    Optional<HmpCommand> command = find(text, console);
    if (command.isEmpty()) {
      finished.run();
      return;
    }
    String typed = text.consumed();
    ImmutableMap<String, Object> arguments;
    try {
      arguments = HmpArguments.parse(command.get(), text, formats);
    } catch (HmpSyntaxException e) {
      console.print(e.words() + "\nTry \"help " + typed + "\" for more information\n");
      finished.run();
      return;
    }
    call(command.get(), new HmpInvocation(arguments, console, finished));
  }

  /** Also empty for a blank line, and then in silence. */
  private Optional<HmpCommand> find(HmpText text, HmpConsole console) {
    if (text.skipBlanks().atEnd()) {
      return Optional.empty();
    }
    Optional<HmpCommand> command = registry.commands().find(text.takeCommandName());
    int nameEnd = text.position();
    boolean subcommandFollows = !text.skipBlanks().atEnd();
    if (command.isPresent() && command.get().name().equals("info") && subcommandFollows) {
      command = registry.info().find(text.takeCommandName());
      nameEnd = text.position();
    }
    if (command.isEmpty()) {
      text.goTo(nameEnd);
      console.print("unknown command: '" + text.consumed() + "'\n");
    }
    return command;
  }

  private static void call(HmpCommand command, HmpInvocation invocation) {
    try {
      command.handler().run(invocation);
      invocation.handlerReturned();
    } catch (MonitorException e) {
      invocation.print("Error: " + e.getMessage() + "\n");
      invocation.resume();
    } catch (RuntimeException e) {
      // A defect in one command must not take the monitor with it.
      LogManager.getLogger(HmpInterpreter.class).error("'{}' failed", command.name(), e);
      invocation.print("Error: internal error in '" + command.name() + "': " + e + "\n");
      invocation.resume();
    }
  }
}
