package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorBuilder;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.monitor.builtin.MonitorModule;
import dev.dunlin.core.net.NetworkModule;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** An emulator of networks only, in this JVM, with a machine monitor to talk to. */
public final class RunningNetworks implements AutoCloseable {
  private final Path directory = TempDirs.create("networks");
  private final DefaultEmulator emulator;
  private final CompletableFuture<Boolean> started = new CompletableFuture<>();
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final QmpClient qmp;

  private RunningNetworks(List<NicPort> cards, List<String> arguments)
      throws OptionException, PosixException {
    Path socket = directory.resolve("qmp");
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
    EmulatorModule links = new LinkModule();
    EmulatorModule networks = new NetworkModule(links.netBackends());
    RamBlock ram = new RamBlock("ram", new HeapRam(1 << 20), false);
    PhysicalMap map = new PhysicalMap(List.of());
    EmulatorBuilder builder =
        new EmulatorBuilder().machine("none", new GuestRam(List.of(ram), map));
    ImmutableList.of(new MonitorModule("0"), links, networks, last()).forEach(builder::module);
    cards.forEach(builder::card);
    builder.configure(OptionTable.of(CoreOptions.specs()).parse(all));
    emulator = builder.build();
    Thread thread = new Thread(this::run, "emulator");
    thread.start();
    CompletableFuture.anyOf(started, ended.handle((status, failure) -> true)).join();
    if (!started.isDone()) {
      TempDirs.delete(directory);
      throw mistake();
    }
    qmp = QmpClient.connect(socket);
  }

  private OptionException mistake() {
    try {
      throw new IllegalStateException("ended with status " + ended.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof OptionException mistake) {
        return mistake;
      }
      throw e;
    }
  }

  /** The last module: everything has started. */
  private EmulatorModule last() {
    return new EmulatorModule() {
      @Override
      public String name() {
        return "last";
      }

      @Override
      public void start(Emulator whole) {
        started.complete(true);
      }
    };
  }

  /** One argument a word: {@code "-netdev tap,id=t -nic none"}. */
  static RunningNetworks start(String... words) throws OptionException, PosixException {
    return new RunningNetworks(List.of(), split(words));
  }

  public static RunningNetworks startWith(List<NicPort> cards, String... words)
      throws OptionException, PosixException {
    return new RunningNetworks(cards, split(words));
  }

  private static List<String> split(String... words) {
    return Arrays.stream(words).flatMap(word -> Arrays.stream(word.split(" "))).toList();
  }

  private void run() {
    try {
      ended.complete(emulator.runUntilQuit());
    } catch (Throwable e) {
      ended.completeExceptionally(e);
    }
  }

  QmpClient qmp() {
    return qmp;
  }

  String info() {
    return qmp.human("info network").replace("\r\n", "\n");
  }

  void awaitInfo(String text) {
    Await.until("info network shows " + text, () -> info().contains(text));
  }

  @Override
  public void close() {
    qmp.close();
    emulator.quit(0);
    ended.join();
    TempDirs.delete(directory);
  }
}
