package dev.dunlin.launcher;

import dev.dunlin.core.cli.HelpText;
import dev.dunlin.core.cli.MachineOption;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.posix.PosixException;
import java.util.List;
import java.util.Optional;

/**
 * The program {@code dunlin}: QEMU's command line in, an exit status out. Everything a user got
 * wrong is one sentence on stderr and status 1, before anything is started.
 */
public final class Main {
  private static final String PROGRAM = "dunlin";

  private Main() {}

  public static void main(String[] arguments) {
    PlainLogging.install();
    try {
      MachineAssembly assembly = MachineAssembly.withAllModules();
      ParsedOptions options = assembly.table().parse(List.of(arguments));
      Optional<String> answer = answer(assembly.table(), options);
      if (answer.isPresent()) {
        System.out.print(answer.get());
        System.exit(0);
      }
      run(assembly, options);
    } catch (OptionException | PosixException e) {
      complain(e);
      System.exit(1);
    }
  }

  /** What to print instead of running, if that is all that is wanted. */
  private static Optional<String> answer(OptionTable table, ParsedOptions options) {
    if (options.has("help")) {
      return Optional.of(HelpText.of(PROGRAM, table));
    }
    if (options.has("version")) {
      return Optional.of("Dunlin emulator version " + Version.text() + "\n");
    }
    return MachineOption.isHelpWanted(options)
        ? Optional.of(MachineOption.help())
        : Optional.empty();
  }

  private static void run(MachineAssembly assembly, ParsedOptions options)
      throws OptionException, PosixException {
    Program program = assembly.build(options);
    Termination termination = Termination.watch(program.emulator());
    int status;
    try (program) {
      status = program.emulator().runUntilQuit();
    } catch (OptionException e) {
      complain(e);
      status = 1;
    } catch (RuntimeException | Error e) {
      termination.cancel();
      throw e;
    }
    termination.finished(status);
  }

  private static void complain(Exception e) {
    System.err.println(PROGRAM + ": " + e.getMessage());
  }
}
