package dev.dunlin.migration;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.child.Children;
import dev.dunlin.core.child.ReapedChildren;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.hmp.HmpConsole;
import dev.dunlin.core.monitor.hmp.HmpInterpreter;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.core.run.RunControl;
import dev.dunlin.core.run.RunEvents;
import dev.dunlin.core.run.RunState;
import dev.dunlin.core.run.VmRunControl;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.MappedRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * A machine with a real loop, run control, monitor tables and the migration module: what the
 * launcher assembles, less its sessions. Commands go in as text, as a user types them.
 */
final class TestVm implements AutoCloseable {
  /** NIO opens a socket of its own with the first channel and keeps it: no leak of a test's. */
  static void warmUp() throws java.io.IOException {
    java.nio.channels.SocketChannel.open().close();
  }

  private final LoopThread thread;
  private final MonitorCore monitor;
  private final VmRunControl run;
  private final GuestRam ram;
  private final TestEmulator emulator;
  private final MigrationModule module;
  private final HmpInterpreter interpreter;
  private final FdStore fds = new FdStore();
  private final ReapedChildren children;
  private final Children seenChildren;
  final List<String> complaints = Collections.synchronizedList(new ArrayList<>());
  final List<String> events = Collections.synchronizedList(new ArrayList<>());
  final CompletableFuture<Integer> exit = new CompletableFuture<>();

  /** A machine of one block "ram" of {@code pages} pages, as {@code -M none}. */
  static Builder none(int pages) {
    return new Builder("none").block("ram", (long) pages * RamBlock.PAGE_SIZE);
  }

  /** What a machine has. */
  static final class Builder {
    private final String type;
    private final List<RamBlock> blocks = new ArrayList<>();
    private final ImmutableList.Builder<ParsedOptions.Option> options = ImmutableList.builder();
    private Optional<GuestRam> ram = Optional.empty();
    private UnaryOperator<MigrationModule> setUp = UnaryOperator.identity();
    private UnaryOperator<Children> wrapChildren = UnaryOperator.identity();

    Builder(String type) {
      this.type = type;
    }

    Builder block(String idstr, long length) {
      try {
        blocks.add(
            new RamBlock(idstr, MappedRam.create(GuestMemoryFiles.best(), idstr, length), false));
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return this;
    }

    Builder option(String name, String argument) {
      options.add(new ParsedOptions.Option(name, argument));
      return this;
    }

    /** Puts something between migration and its children. */
    Builder children(UnaryOperator<Children> wrap) {
      wrapChildren = wrap;
      return this;
    }

    Builder ram(GuestRam own) {
      ram = Optional.of(own);
      return this;
    }

    /** Hands in handlers before the start. */
    Builder module(UnaryOperator<MigrationModule> change) {
      UnaryOperator<MigrationModule> before = setUp;
      setUp = fresh -> change.apply(before.apply(fresh));
      return this;
    }

    TestVm start() throws Exception {
      GuestRam memory = ram.orElseGet(() -> new GuestRam(blocks, PhysicalMap.EMPTY));
      try {
        return new TestVm(type, memory, new ParsedOptions(options.build()), setUp, wrapChildren);
      } catch (Exception e) {
        memory.close();
        throw e;
      }
    }
  }

  private TestVm(
      String type,
      GuestRam ram,
      ParsedOptions options,
      UnaryOperator<MigrationModule> setUp,
      UnaryOperator<Children> wrapChildren)
      throws Exception {
    this.ram = ram;
    this.module = setUp.apply(new MigrationModule(complaints::add));
    module.configure(options);
    thread = LoopThread.start();
    children = new ReapedChildren(thread.loop());
    seenChildren = wrapChildren.apply(children);
    monitor = new MonitorCore(thread.loop());
    run = new VmRunControl(thread.loop(), new StopAndResume());
    emulator = new TestEmulator(type);
    interpreter = new HmpInterpreter(monitor, thread.loop());
    try {
      thread.call(
          () -> {
            monitor.addHmp(new HmpCommand("info", "", "", "", call -> {}));
            monitor.addSink((name, data, when) -> events.add(name + data));
            module.start(emulator);
            return true;
          });
    } catch (IllegalStateException e) {
      shutDown();
      throw e.getCause() instanceof OptionException mistake ? mistake : e;
    }
  }

  /** Sets the guest going. */
  TestVm running() {
    thread.call(run::start);
    return this;
  }

  <T> T onLoop(Callable<T> task) {
    return thread.call(task);
  }

  RunControl run() {
    return run;
  }

  RunState state() {
    return run.state();
  }

  GuestRam ram() {
    return ram;
  }

  FdStore fds() {
    return fds;
  }

  MonitorCore monitor() {
    return monitor;
  }

  /** Fills a part of a block with random bytes. */
  TestVm scribble(long seed) {
    Random random = new Random(seed);
    for (RamBlock block : ram.blocks()) {
      for (int i = 0; i < 20; i++) {
        byte[] some = new byte[1 + random.nextInt((int) Math.min(block.length() - 1, 20_000))];
        random.nextBytes(some);
        block.write(random.nextInt((int) (block.length() - some.length)), ByteBuffer.wrap(some));
      }
    }
    return this;
  }

  byte[] bytes(String idstr) {
    RamBlock block = ram.block(idstr).orElseThrow();
    ByteBuffer all = ByteBuffer.allocate((int) block.length());
    block.read(0, all);
    return all.array();
  }

  /** SHA-256 of a part of a block, read in pieces. */
  String sha256(String idstr, long from, long length) throws Exception {
    RamBlock block = ram.block(idstr).orElseThrow();
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    ByteBuffer piece = ByteBuffer.allocate(1 << 20);
    for (long at = from; at < from + length; at += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), from + length - at));
      block.read(at, piece);
      digest.update(piece.flip());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Types a line and waits for the prompt. */
  String hmp(String line) {
    return Await.value(line, begin(line)::poll);
  }

  /** Types a line without waiting. */
  Pending begin(String line) {
    return begin(line, false);
  }

  /** The same at a terminal, where lines can be written over. */
  Pending beginAtTerminal(String line) {
    return begin(line, true);
  }

  private Pending begin(String line, boolean terminal) {
    StringBuffer output = new StringBuffer();
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread
        .loop()
        .execute(
            () ->
                interpreter.execute(
                    line, new Console(output, terminal), () -> done.complete(null)));
    return new Pending(output, done);
  }

  /** A command whose prompt may come later. */
  record Pending(StringBuffer output, CompletableFuture<Void> done) {
    Optional<String> poll() {
      return done.isDone() ? Optional.of(output.toString()) : Optional.empty();
    }
  }

  /** Waits for the end of a migration that was started with -d, and returns its status line. */
  String awaitEnd() {
    return Await.value(
        "the end of the migration",
        () -> {
          String line = statusLine();
          boolean over =
              line.startsWith("completed") || line.startsWith("failed") || line.equals("cancelled");
          return over ? Optional.of(line) : Optional.empty();
        });
  }

  /** What {@code info migrate} says after "Migration status: ". */
  String statusLine() {
    return figure("Migration status");
  }

  /** What {@code info migrate} says after a name. */
  String figure(String name) {
    for (String line : hmp("info migrate").split("\n", -1)) {
      if (line.startsWith(name + ": ")) {
        return line.substring(name.length() + 2);
      }
    }
    return "";
  }

  /** Where it listens for a migration, as {@code tcp:HOST:PORT}. */
  String listening() {
    for (String line : hmp("info migrate").split("\n", -1)) {
      if (line.strip().startsWith("tcp:")) {
        return line.strip();
      }
    }
    throw new AssertionError(hmp("info migrate"));
  }

  /** What quit does first. */
  void stopModule() {
    thread.call(
        () -> {
          module.stop();
          return true;
        });
  }

  /** Waits until every child has been collected. */
  static void awaitNoChildren() {
    Await.until("children to end", () -> ProcessHandle.current().children().findAny().isEmpty());
  }

  @Override
  public void close() throws Exception {
    stopModule();
    shutDown();
  }

  private void shutDown() throws Exception {
    thread.call(
        () -> {
          children.close();
          return true;
        });
    thread.close();
    ram.close();
  }

  private final class StopAndResume implements RunEvents {
    @Override
    public void stopped() {
      monitor.emit("STOP", ImmutableMap.of());
    }

    @Override
    public void resumed() {
      monitor.emit("RESUME", ImmutableMap.of());
    }
  }

  private record Console(StringBuffer output, boolean isTerminal) implements HmpConsole {
    @Override
    public void print(String text) {
      output.append(text);
    }

    @Override
    public ImmutableList<String> history() {
      return ImmutableList.of();
    }

    @Override
    public OptionalInt takeReceivedFd() {
      return OptionalInt.empty();
    }

    @Override
    public void onDisconnect(Runnable action) {}

    @Override
    public void whenWritable(Runnable action) {
      action.run();
    }

    @Override
    public boolean isInteractive() {
      return false;
    }
  }

  private final class TestEmulator implements Emulator {
    private final String type;

    TestEmulator(String type) {
      this.type = type;
    }

    @Override
    public String vmName() {
      return "";
    }

    @Override
    public String machineType() {
      return type;
    }

    @Override
    public MainLoop loop() {
      return thread.loop();
    }

    @Override
    public Clock clock() {
      return thread.loop().clock();
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
      return seenChildren;
    }

    @Override
    public MonitorRegistry monitor() {
      return monitor;
    }

    @Override
    public FdStore fds() {
      return fds;
    }

    @Override
    public void quit(int exitStatus) {
      exit.complete(exitStatus);
    }
  }
}
