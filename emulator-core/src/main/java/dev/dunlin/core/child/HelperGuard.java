package dev.dunlin.core.child;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.child.ChildRecord.Waiter;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.logging.log4j.LogManager;

/**
 * Lets helpers die with this process, even one that is killed by SIGKILL. The kernel's own offer
 * (PR_SET_PDEATHSIG) is forgotten by programs that change their user, such as smbd; so one small
 * shell, started with the first helper, reads from a pipe whose only write end is ours. However we
 * end, it reads end of file, and kills the sessions of the helpers that are left.
 *
 * <p>Each helper is announced by a mark before there is a process, which finds it if we die in
 * between; then its PID is told; and it is forgotten before it is collected, while its PID can't
 * belong to anybody else. Any thread; a lock, held for a write to a pipe, as streams start children
 * on threads of their own.
 */
final class HelperGuard implements AutoCloseable {
  /** In the environment of every helper that is guarded. */
  static final String MARK = "DUNLIN_HELPER";

  private static final String OWNER = "guard";
  private static final int SIGKILL = 9;

  /** A guard that ends sooner than this isn't replaced until the next helper comes. */
  private static final long SHORT_LIFE_NANOS = 1_000_000_000L;

  /** At its end a guard only has to look around in /proc. */
  private static final long FAREWELL_NANOS = 5_000_000_000L;

  private final MainLoop loop;
  private final ProcessSource source;
  private final ChildReaper reaper;
  private final ChildTable table;

  /** Ends with a dot like every mark, so that no mark is the beginning of another. */
  private final String prefix =
      ProcessHandle.current().pid() + "." + System.identityHashCode(this) + ".";

  private final ReentrantLock lock = new ReentrantLock();

  /** Marks of the helpers that live, each with its PID once it has one. */
  private final Map<String, Optional<Integer>> helpers = new LinkedHashMap<>();

  private Optional<Shell> shell = Optional.empty();
  private long marks;
  private boolean closed;

  /** The guard's process and our end of its pipe. */
  private static final class Shell {
    private final ProcessSource.Handle process;
    private final Pipe pipe;
    private final long id;
    private final long startNanos;

    /** Whether the reaper has it; loop thread. */
    private boolean registered;

    Shell(ProcessSource.Handle process, Pipe pipe, long id, long startNanos) {
      this.process = process;
      this.pipe = pipe;
      this.id = id;
      this.startNanos = startNanos;
    }
  }

  HelperGuard(MainLoop loop, ProcessSource source, ChildReaper reaper, ChildTable table) {
    this.loop = loop;
    this.source = source;
    this.reaper = reaper;
    this.table = table;
  }

  /**
   * Announces a helper to come and returns its mark.
   *
   * @throws PosixException when there can't be a guard, and so no helper either
   */
  String announce() throws PosixException {
    lock.lock();
    try {
      if (shell.isEmpty()) {
        start();
      }
      String mark = prefix + ++marks + ".";
      helpers.put(mark, Optional.empty());
      say("? " + mark);
      return mark;
    } finally {
      lock.unlock();
    }
  }

  /** What the helper's environment needs. */
  static ImmutableMap<String, String> environment(String mark) {
    return ImmutableMap.of(MARK, mark);
  }

  void born(String mark, int pid) {
    lock.lock();
    try {
      helpers.put(mark, Optional.of(pid));
      say("+ " + mark + " " + pid);
    } finally {
      lock.unlock();
    }
  }

  /** The helper has ended, or never came to be. */
  void forget(String mark) {
    lock.lock();
    try {
      if (helpers.remove(mark) != null) {
        say("- " + mark);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets the guard end what is left, and waits for it. Loop thread. */
  @Override
  public void close() {
    Optional<Shell> last;
    lock.lock();
    try {
      closed = true;
      last = shell;
      shell = Optional.empty();
    } finally {
      lock.unlock();
    }
    last.ifPresent(
        guard -> {
          guard.pipe.close();
          register(guard);
          reaper.awaitCollection(guard.process, FAREWELL_NANOS);
        });
  }

  private void start() throws PosixException {
    Pipe pipe = Pipe.open();
    try {
      pipe.writeEnd().setNonBlocking(true);
      SpawnRequest request = request(pipe);
      ProcessSource.Handle process = source.spawn(request, ImmutableMap.of());
      pipe.readEnd().close();
      long id = table.started(OWNER, request, process.pid(), Waiter.REAPER);
      Shell started = new Shell(process, pipe, id, loop.clock().nanoTime());
      shell = Optional.of(started);
      loop.execute(() -> register(started));
    } catch (PosixException e) {
      pipe.close();
      throw e;
    }
    helpers.forEach(
        (mark, pid) -> say(pid.map(number -> "+ " + mark + " " + number).orElse("? " + mark)));
  }

  /** A session of its own, so that a terminal's signals don't end it before us. */
  private static SpawnRequest request(Pipe pipe) {
    return new SpawnRequest(
        ImmutableList.of("/bin/sh", "-c", GuardScript.TEXT, "dunlin-guard"),
        Optional.empty(),
        Optional.of("/"),
        pipe.readEnd().number(),
        SpawnRequest.DEV_NULL,
        SpawnRequest.DEV_NULL,
        true,
        false);
  }

  private void register(Shell started) {
    if (started.registered) {
      return;
    }
    started.registered = true;
    reaper.register(
        started.process,
        new ChildReaper.Interest(
            OWNER,
            () -> {},
            status -> {
              table.ended(started.id, status);
              ended(started, status);
            }));
  }

  /** A guard that somebody killed is replaced, and learns of the helpers there are. */
  private void ended(Shell gone, ExitStatus status) {
    lock.lock();
    try {
      gone.pipe.close();
      if (closed || shell.isEmpty() || shell.get() != gone) {
        return;
      }
      shell = Optional.empty();
      boolean atOnce = loop.clock().nanoTime() - gone.startNanos < SHORT_LIFE_NANOS;
      LogManager.getLogger(HelperGuard.class)
          .warn("the guard of {} helpers {}", helpers.size(), status.describe());
      if (!helpers.isEmpty() && !atOnce) {
        start();
      }
    } catch (PosixException e) {
      LogManager.getLogger(HelperGuard.class)
          .error("helpers would outlive a killed emulator: {}", e.getMessage());
    } finally {
      lock.unlock();
    }
  }

  /** A line is shorter than PIPE_BUF, so it arrives whole or not at all. */
  private void say(String line) {
    shell.ifPresent(
        guard -> {
          if (!write(guard, line + "\n")) {
            // Stopped or dead. Its pipe must not reach end of file while it lives: it would take
            // that for our death. Its end is noticed by the reaper, which brings a new one.
            guard.process.signal(SIGKILL);
          }
        });
  }

  private static boolean write(Shell guard, String line) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
      return guard.pipe.writeEnd().write(bytes) instanceof IoOutcome.Transferred;
    } catch (PosixException broken) {
      return false;
    }
  }
}
