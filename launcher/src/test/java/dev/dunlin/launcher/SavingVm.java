package dev.dunlin.launcher;

import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.EmulatorBuilder;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.migration.MigrationModule;
import dev.dunlin.migration.MigrationStatus;
import dev.dunlin.migration.OutgoingMigration;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An embedding VMM that does nothing but save itself by exec, again and again, to commands that
 * succeed, fail and are killed in turn, while helpers of its own come and go. Loop thread.
 */
final class SavingVm {
  /** A command, how saving to it must end, and a word that the error must have. */
  private record Sink(String command, MigrationStatus end, String reason) {}

  private static final List<Sink> SINKS =
      List.of(
          new Sink("cat >/dev/null", MigrationStatus.COMPLETED, ""),
          new Sink("cat >/dev/null; exit 3", MigrationStatus.FAILED, "status 3"),
          new Sink("cat >/dev/null; true", MigrationStatus.COMPLETED, ""),
          new Sink("cat >/dev/null; kill -9 $$", MigrationStatus.FAILED, "SIGKILL"),
          new Sink("cat >/dev/null", MigrationStatus.COMPLETED, ""),
          new Sink("no-such-command-anywhere", MigrationStatus.FAILED, "127"));

  private final MigrationModule migration = new MigrationModule(complaint -> {});
  private final DefaultEmulator emulator;
  private final Duration helperEvery;
  private final int saves;
  private final List<String> surprises = new ArrayList<>();
  private int ended;
  private int asExpected;
  private int helpersStarted;
  private int helpersCollected;

  /**
   * @param ramBytes of random contents, so that a save takes its time
   */
  SavingVm(int saves, Duration helperEvery, int ramBytes) throws OptionException, PosixException {
    this.saves = saves;
    this.helperEvery = helperEvery;
    RamBlock block = new RamBlock("vm.ram", new HeapRam(ramBytes), false);
    byte[] random = new byte[ramBytes];
    new Random(678524).nextBytes(random);
    block.write(0, ByteBuffer.wrap(random));
    PhysicalMap map = new PhysicalMap(List.of(new PhysicalMap.Region(0, block.length(), block, 0)));
    emulator =
        new EmulatorBuilder()
            .machine("vm", new GuestRam(List.of(block), map))
            .module(migration)
            .build();
    var unused = emulator.run().start();
    emulator.loop().execute(this::nextSave);
    emulator.loop().execute(this::nextHelper);
  }

  DefaultEmulator emulator() {
    return emulator;
  }

  int endedAsExpected() {
    return asExpected;
  }

  int helpersStarted() {
    return helpersStarted;
  }

  int helpersCollected() {
    return helpersCollected;
  }

  List<String> surprises() {
    return surprises;
  }

  private boolean isOver() {
    return ended == saves;
  }

  private void nextSave() {
    Sink sink = SINKS.get(ended % SINKS.size());
    try {
      migration.outgoing().start("exec:" + sink.command(), false, () -> saveEnded(sink));
    } catch (MonitorException e) {
      surprises.add(e.toString());
      emulator.quit(1);
    }
  }

  private void saveEnded(Sink sink) {
    OutgoingMigration outgoing = migration.outgoing();
    boolean expected = outgoing.status() == sink.end() && outgoing.error().contains(sink.reason());
    if (expected) {
      asExpected++;
    } else {
      surprises.add(sink + " ended " + outgoing.status() + ": " + outgoing.error());
    }
    ended++;
    if (isOver()) {
      quitWhenCollected();
      return;
    }
    emulator.run().start().thenRun(() -> emulator.loop().execute(this::nextSave));
  }

  private void nextHelper() {
    if (isOver()) {
      return;
    }
    int code = helpersStarted % 200;
    boolean killed = helpersStarted % 7 == 6;
    String command = killed ? "kill -15 $$" : "exit " + code;
    try {
      emulator
          .children()
          .spawn(
              "helper",
              SpawnRequest.of("/bin/sh", "-c", command),
              status -> helperEnded(status, killed, code));
      helpersStarted++;
    } catch (PosixException e) {
      surprises.add(e.toString());
    }
    emulator.loop().schedule(helperEvery, this::nextHelper);
  }

  private void helperEnded(ExitStatus status, boolean killed, int code) {
    ExitStatus expected =
        killed ? new ExitStatus.Signalled(15, false) : new ExitStatus.Exited(code);
    helpersCollected++;
    if (!status.equals(expected)) {
      surprises.add("a helper: expected " + expected + ", told " + status);
    }
    quitWhenCollected();
  }

  private void quitWhenCollected() {
    if (isOver() && helpersCollected == helpersStarted) {
      emulator.quit(0);
    }
  }
}
