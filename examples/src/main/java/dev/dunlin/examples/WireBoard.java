package dev.dunlin.examples;

import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.EmulatorBuilder;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.net.NetworkModule;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.link.LinkModule;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.PhysicalMap;
import java.util.List;

/**
 * A board with a network card and no thread for its network: the CPU's thread does the network's
 * work between its own, whenever it likes. What comes in goes out again with its two addresses
 * swapped.
 */
final class WireBoard implements AutoCloseable {
  private static final int ADDRESS = 6;

  private final NicPort card = NicPort.builder().netdev("n").burst(16).ownLoop().build();
  private final byte[] cardMemory = new byte[NicPort.PLAIN_FRAME];
  private final DefaultEmulator emulator;
  private final Thread loop = new Thread(this::runEmulator, "emulator");
  private final Thread cpu = new Thread(this::runCpu, "board cpu");
  private volatile boolean on = true;
  private volatile int answered;

  /** Options for the network: {@code -netdev stream,id=n,…}. */
  WireBoard(String... arguments) throws OptionException, PosixException {
    LinkModule links = new LinkModule();
    emulator =
        new EmulatorBuilder()
            .machine("board-1", new GuestRam(List.of(), new PhysicalMap(List.of())))
            .module(links)
            .module(new NetworkModule(links.netBackends()))
            .card(card)
            .configure(OptionTable.of(CoreOptions.specs()).parse(List.of(arguments)))
            .build();
    loop.start();
    cpu.start();
  }

  /** Frames that came in and went out again. */
  int answered() {
    return answered;
  }

  private void runEmulator() {
    try {
      emulator.runUntilQuit();
    } catch (OptionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void runCpu() {
    while (on) {
      // Here a real board executes instructions; this one has nothing else to do than to wait.
      card.service(1_000_000);
      Frame frame;
      while ((frame = card.toGuest()) != null) {
        answer(frame);
        frame.release();
      }
    }
  }

  private void answer(Frame frame) {
    int length = frame.length();
    frame.bytes().get(frame.start() + ADDRESS, cardMemory, 0, ADDRESS);
    frame.bytes().get(frame.start(), cardMemory, ADDRESS, ADDRESS);
    int rest = 2 * ADDRESS;
    frame.bytes().get(frame.start() + rest, cardMemory, rest, length - rest);
    card.fromGuest(cardMemory, 0, length);
    answered = answered + 1;
  }

  @Override
  public void close() throws InterruptedException {
    on = false;
    cpu.join();
    emulator.quit(0);
    loop.join();
  }
}
