package dev.dunlin.examples;

import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.RunState;
import dev.dunlin.migration.MigrationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A running board saves itself live into a file and goes on in a second board, in the same JVM:
 * {@code java … dev.dunlin.examples.MigrateItself}. Exits with 0 when not a page was lost.
 */
public final class MigrateItself {
  private MigrateItself() {}

  public static void main(String[] arguments) throws Exception {
    Path file = Files.createTempFile("dunlin-board", ".save");
    try {
      long saved = save(file);
      long loaded = load(file);
      System.out.printf("saved at tick %d, went on to tick %d%n", saved, loaded);
    } finally {
      Files.delete(file);
    }
  }

  /** Runs a board for a moment and saves it while it runs; returns its CPU's ticks then. */
  static long save(Path file) throws OptionException, PosixException, IOException {
    try (BoardVm vm = new BoardVm()) {
      DefaultEmulator emulator = vm.emulator();
      var unused = emulator.run().start();
      emulator
          .loop()
          .schedule(Duration.ofMillis(200), () -> migrate(vm, "exec:cat >'" + file + "'"));
      if (emulator.runUntilQuit() != 0 || !vm.board().isConsistent()) {
        throw new IOException("the board wasn't saved: " + vm.migration().outgoing().error());
      }
      return vm.board().ticks();
    }
  }

  private static void migrate(BoardVm vm, String uri) {
    try {
      vm.migration().outgoing().start(uri, false, () -> ended(vm));
    } catch (MonitorException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void ended(BoardVm vm) {
    boolean good = vm.migration().outgoing().status() == MigrationStatus.COMPLETED;
    vm.emulator().quit(good ? 0 : 1);
  }

  /** Loads a board, lets it run for a moment and checks that its RAM fits its CPU. */
  static long load(Path file) throws OptionException, PosixException, IOException {
    try (BoardVm vm = new BoardVm("-incoming", "exec:cat '" + file + "'")) {
      DefaultEmulator emulator = vm.emulator();
      emulator.run().addListener((from, to) -> quitSoonAfterStart(emulator, to));
      emulator.runUntilQuit();
      if (!vm.board().isConsistent()) {
        throw new IOException("pages were lost");
      }
      return vm.board().ticks();
    }
  }

  private static void quitSoonAfterStart(DefaultEmulator emulator, RunState state) {
    if (state == RunState.RUNNING) {
      emulator.loop().schedule(Duration.ofMillis(100), () -> stopAndQuit(emulator));
    }
  }

  private static void stopAndQuit(DefaultEmulator emulator) {
    emulator.run().stop(RunState.PAUSED).thenRun(() -> emulator.quit(0));
  }
}
