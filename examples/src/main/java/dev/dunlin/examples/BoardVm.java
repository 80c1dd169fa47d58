package dev.dunlin.examples;

import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.EmulatorBuilder;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.run.VmmPort;
import dev.dunlin.examples.board.Board;
import dev.dunlin.migration.MigrationModule;
import dev.dunlin.migration.vmstate.DescribedState;
import dev.dunlin.migration.vmstate.VmState;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import java.util.List;

/**
 * The whole adapter: a board with an emulator around it. The board's RAM stays where it is, its CPU
 * runs on a thread of its own that asks the port between instructions, and its register is
 * described, so that tools can show it.
 */
final class BoardVm implements AutoCloseable {
  private static final int INSTRUCTIONS = 1000;

  private final Board board = new Board();
  private final RamBlock ram = new RamBlock("board.ram", new BoardRam(board), false);
  private final VmmPort port = new VmmPort();
  private final MigrationModule migration;
  private final DefaultEmulator emulator;
  private final Thread cpu = new Thread(this::runCpu, "board cpu");
  private volatile boolean on = true;

  /** Arguments are those of the modules: {@code -incoming exec:…}. */
  BoardVm(String... arguments) throws OptionException, PosixException {
    board.setWriteListener(address -> ram.markDirty(address, 1));
    migration = new MigrationModule(System.err::println).withState(Registers.of(board));
    PhysicalMap map = new PhysicalMap(List.of(new PhysicalMap.Region(0, ram.length(), ram, 0)));
    emulator =
        new EmulatorBuilder()
            .name("board")
            .machine("board-1", new GuestRam(List.of(ram), map))
            .cpu(port)
            .module(migration)
            .arguments(arguments)
            .build();
    cpu.start();
  }

  DefaultEmulator emulator() {
    return emulator;
  }

  MigrationModule migration() {
    return migration;
  }

  Board board() {
    return board;
  }

  private void runCpu() {
    while (on) {
      if (port.pollOrPark()) {
        board.execute(INSTRUCTIONS);
      }
    }
    port.close();
  }

  /** Ends the CPU; after the emulator has ended. */
  @Override
  public void close() {
    on = false;
    cpu.interrupt();
    try {
      cpu.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The CPU's state as the stream has it; more fields would follow one another here. */
  private static final class Registers {
    private static final VmState<Registers> STATE =
        VmState.<Registers>named("board.cpu", 1)
            .uint64("ticks", r -> r.ticks, (r, ticks) -> r.ticks = ticks)
            .build();

    private long ticks;

    static DescribedState<Registers> of(Board board) {
      return DescribedState.of(
          STATE, () -> from(board), Registers::new, loaded -> board.setTicks(loaded.ticks));
    }

    private static Registers from(Board board) {
      Registers now = new Registers();
      now.ticks = board.ticks();
      return now;
    }
  }
}
