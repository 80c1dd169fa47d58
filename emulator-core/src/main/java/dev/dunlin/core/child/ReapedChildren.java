package dev.dunlin.core.child;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.child.ChildRecord.Waiter;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;

/**
 * {@link Children} of one emulator: starts them, enters them into the table, and gives each to its
 * one waiter in the same step. Loop thread, but {@link #spawnOwned} and {@link #table}.
 */
public final class ReapedChildren implements Children, AutoCloseable {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;

  /** How long helpers that must not outlive the emulator may take to end, when asked politely. */
  private static final long POLITE_NANOS = 2_000_000_000L;

  private static final long KILLED_NANOS = 5_000_000_000L;

  private final MainLoop loop;
  private final ProcessSource source;
  private final ChildTable table;
  private final ChildReaper reaper;
  private final HelperGuard guard;

  /** Registered children that must not outlive this emulator. */
  private final Set<LivingChild> mortal = new LinkedHashSet<>();

  public ReapedChildren(MainLoop loop) {
    this(loop, ProcessSource.host());
  }

  public ReapedChildren(MainLoop loop, ProcessSource source) {
    this.loop = loop;
    this.source = source;
    this.table = new ChildTable(loop.clock());
    this.reaper = new ChildReaper(loop, source::leave);
    this.guard = new HelperGuard(loop, source, reaper, table);
  }

  /** Behind {@code info children} and {@code x-query-children}. Any thread. */
  public ChildTable table() {
    return table;
  }

  @Override
  public Child spawn(String owner, SpawnRequest request, Consumer<ExitStatus> onExit)
      throws PosixException {
    loop.assertOnLoop();
    LivingChild child = start(owner, request, Waiter.REAPER);
    try {
      register(child, onExit);
    } catch (UncheckedIOException unwatchable) {
      endUnwatched(child);
      if (unwatchable.getCause() instanceof PosixException cause) {
        throw cause;
      }
      throw unwatchable;
    }
    if (request.dieWithVm()) {
      mortal.add(child);
    }
    return child;
  }

  @Override
  public OwnedChild spawnOwned(String owner, SpawnRequest request) throws PosixException {
    LivingChild child = start(owner, request, Waiter.OWNER);
    return new StreamChild(child, left -> loop.execute(() -> adopt(left)));
  }

  /**
   * Ends the helpers that must not outlive the emulator, first politely, and waits for them. All
   * others go on: closing isn't killing.
   */
  @Override
  public void close() {
    loop.assertOnLoop();
    signalAndAwait(SIGTERM, POLITE_NANOS);
    signalAndAwait(SIGKILL, KILLED_NANOS);
    guard.close();
    reaper.close();
  }

  private LivingChild start(String owner, SpawnRequest request, Waiter waiter)
      throws PosixException {
    Optional<String> mark = Optional.empty();
    try {
      if (request.dieWithVm()) {
        mark = Optional.of(guard.announce());
      }
      ProcessSource.Handle process =
          source.spawn(request, mark.map(HelperGuard::environment).orElse(ImmutableMap.of()));
      mark.ifPresent(name -> guard.born(name, process.pid()));
      long id = table.started(owner, request, process.pid(), waiter);
      Optional<String> guarded = mark;
      return new LivingChild(process, owner, id, table, () -> guarded.ifPresent(guard::forget));
    } catch (PosixException e) {
      mark.ifPresent(guard::forget);
      table.notStarted(owner, request, e);
      throw e;
    }
  }

  private void register(LivingChild child, Consumer<ExitStatus> onExit) {
    reaper.register(
        child.process(),
        new ChildReaper.Interest(
            child.owner(),
            child::beforeCollection,
            status -> {
              mortal.remove(child);
              child.ended(status);
              onExit.accept(status);
            }));
  }

  private void adopt(LivingChild child) {
    child.adopted();
    register(
        child,
        status ->
            LogManager.getLogger(ReapedChildren.class)
                .info("pid {} of {} {}", child.pid(), child.owner(), status.describe()));
  }

  /** The kernel refused a watch: better no child than one that nobody waits for. */
  private static void endUnwatched(LivingChild child) {
    child.signal(SIGKILL);
    child.process().awaitEnd(KILLED_NANOS);
    child.collect();
    child.process().close();
  }

  private void signalAndAwait(int signal, long nanos) {
    List<LivingChild> asked = List.copyOf(mortal);
    asked.forEach(child -> child.signal(signal));
    long end = loop.clock().nanoTime() + nanos;
    for (LivingChild child : asked) {
      reaper.awaitCollection(child.process(), Math.max(0, end - loop.clock().nanoTime()));
    }
  }
}
