package dev.dunlin.launcher.guest;

import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.GuestVm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A user network under trial with a guest on it. */
final class Contender implements AutoCloseable {
  private final List<AutoCloseable> processes = new ArrayList<>();
  private final GuestVm guest;

  private Contender(GuestVm guest, AutoCloseable... others) {
    this.guest = guest;
    processes.add(guest);
    processes.addAll(List.of(others));
  }

  /** QEMU's own network, in the guest's own process. */
  static Contender qemu(UserOptions options, Card card) {
    return new Contender(
        GuestVm.boot(List.of("-netdev", options.netdev(), "-device", card.device("u"))));
  }

  /** Dunlin's network in a process of its own, with a wire to the guest's. */
  static Contender dunlin(UserOptions options, Wiring wiring, Card card, Path directory) {
    List<String> arguments = new ArrayList<>(List.of("-M", "none"));
    arguments.addAll(wiring.networkArguments(options.netdev(), directory.toString()));
    DunlinProcess dunlin = DunlinProcess.startWithMonitors(arguments.toArray(String[]::new));
    try {
      dunlin.hmp().close();
      return new Contender(GuestVm.boot(wiring.guestArguments(card, directory.toString())), dunlin);
    } catch (RuntimeException | Error e) {
      String words = dunlin.process().stderr().text();
      dunlin.close();
      throw new AssertionError("Dunlin said: " + words, e);
    }
  }

  GuestVm guest() {
    return guest;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable process : processes) {
      process.close();
    }
  }
}
