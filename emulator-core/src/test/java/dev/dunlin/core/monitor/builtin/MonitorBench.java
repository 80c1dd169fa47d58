package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.child.Children;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunEvents;
import dev.dunlin.core.run.VmRunControl;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An emulator with 1 MiB of RAM at 0, as {@code -M none -m 1M -S}, on a real loop, with the
 * monitors that a test asks for and a directory for their sockets. Closing it again does nothing.
 */
public final class MonitorBench implements AutoCloseable {
  /** QEMU's options for the same machine. */
  public static final ImmutableList<String> QEMU_EQUIVALENT =
      ImmutableList.of("-nodefaults", "-M", "none", "-m", "1M", "-S");

  private static final int RAM = 1 << 20;

  private final Path directory;
  private final LoopThread thread;
  private final TestEmulator emulator;
  private final MonitorModule module;
  private boolean closed;
  private final List<String> notices = new CopyOnWriteArrayList<>();

  private MonitorBench(Path directory, LoopThread thread) {
    this.directory = directory;
    this.thread = thread;
    this.emulator = thread.call(() -> new TestEmulator(thread.loop()));
    this.module = new MonitorModule("0.0-test", notices::add);
  }

  /** {@code %s} in arguments is the directory; options alternate with their arguments. */
  public static MonitorBench start(String... words) throws Exception {
    return start(List.of(), words);
  }

  /** With other modules after the monitors'. */
  public static MonitorBench start(List<? extends EmulatorModule> others, String... words)
      throws Exception {
    Path directory = TempDirs.create("mon");
    MonitorBench bench = new MonitorBench(directory, LoopThread.start());
    try {
      bench.begin(others, words);
      return bench;
    } catch (Exception | AssertionError e) {
      bench.close();
      throw e;
    }
  }

  private void begin(List<? extends EmulatorModule> others, String[] words) throws Exception {
    List<Option> options = new ArrayList<>();
    for (int i = 0; i < words.length; i += 2) {
      options.add(new Option(words[i], words[i + 1].replace("%s", directory.toString())));
    }
    ParsedOptions parsed = new ParsedOptions(ImmutableList.copyOf(options));
    module.configure(parsed);
    for (EmulatorModule other : others) {
      other.configure(parsed);
    }
    thread.call(
        () -> {
          module.start(emulator);
          for (EmulatorModule other : others) {
            other.start(emulator);
          }
          return true;
        });
  }

  /** A socket of the directory. */
  public Path socket(String name) {
    return directory.resolve(name);
  }

  public LoopThread loop() {
    return thread;
  }

  public TestEmulator emulator() {
    return emulator;
  }

  public List<String> notices() {
    return notices;
  }

  @Override
  public void close() throws Exception {
    if (closed) {
      return;
    }
    closed = true;
    thread.call(
        () -> {
          module.stop();
          emulator.chardevs().close();
          return true;
        });
    thread.close();
    TempDirs.delete(directory);
  }

  /** Nothing but what monitors need. */
  public static final class TestEmulator implements Emulator {
    private final MainLoop loop;
    private final MonitorCore monitor;
    private final RunControl run;
    private final FdStore fds = new FdStore();
    private final Chardevs chardevs;
    private final GuestRam ram;
    private final AtomicInteger exitStatus = new AtomicInteger(-1);

    TestEmulator(MainLoop loop) {
      this.loop = loop;
      this.monitor = new MonitorCore(loop);
      this.chardevs = new Chardevs(loop, fds);
      this.run =
          new VmRunControl(
              loop,
              new RunEvents() {
                @Override
                public void stopped() {
                  monitor.emit("STOP", ImmutableMap.of());
                }

                @Override
                public void resumed() {
                  monitor.emit("RESUME", ImmutableMap.of());
                }
              });
      RamBlock block = new RamBlock("ram", new HeapRam(RAM), false);
      this.ram =
          new GuestRam(
              List.of(block), new PhysicalMap(List.of(new PhysicalMap.Region(0, RAM, block, 0))));
    }

    /** -1 while it runs. */
    public int exitStatus() {
      return exitStatus.get();
    }

    @Override
    public String vmName() {
      return "";
    }

    @Override
    public String machineType() {
      return "none";
    }

    @Override
    public MainLoop loop() {
      return loop;
    }

    @Override
    public Clock clock() {
      return loop.clock();
    }

    @Override
    public GuestRam ram() {
      return ram;
    }

    @Override
    public RunControl run() {
      return run;
    }

    @Override
    public Children children() {
      throw new UnsupportedOperationException();
    }

    @Override
    public MonitorCore monitor() {
      return monitor;
    }

    @Override
    public Chardevs chardevs() {
      return chardevs;
    }

    @Override
    public FdStore fds() {
      return fds;
    }

    @Override
    public void quit(int status) {
      exitStatus.compareAndSet(-1, status);
    }
  }
}
