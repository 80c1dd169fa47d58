package dev.dunlin.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process started by a test, with both outputs collected; killed, with all that it started, when
 * closed.
 */
public final class ChildProcess implements AutoCloseable {
  private final String name;
  private final Process process;
  private final Transcript stdout;
  private final Transcript stderr;

  private ChildProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    stdout = new Transcript(name + "'s stdout", process.getInputStream());
    stderr = new Transcript(name + "'s stderr", process.getErrorStream());
  }

  /** How a process ended and what it said. */
  public record Result(int exitStatus, String stdout, String stderr) {}

  public static ChildProcess start(String name, List<String> command) {
    return start(name, command, Optional.empty(), Map.of());
  }

  public static ChildProcess start(
      String name,
      List<String> command,
      Optional<Path> directory,
      Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(command);
    directory.ifPresent(path -> builder.directory(path.toFile()));
    builder.environment().putAll(environment);
    try {
      return new ChildProcess(name, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public Transcript stdout() {
    return stdout;
  }

  public Transcript stderr() {
    return stderr;
  }

  /** Types at a monitor on this process's stdio. */
  public HmpClient hmp() {
    return HmpClient.over(stdout, process.getOutputStream(), () -> {});
  }

  /** Writes to this process's standard input. */
  public void type(String text) {
    try {
      process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends this process's standard input. */
  public void closeStdin() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects to its machine monitor; fails with its own words when it ends before. */
  public QmpClient connectQmp(Path socket) {
    awaitSocket(socket);
    return QmpClient.connect(socket);
  }

  /** Connects to its human monitor; fails with its own words when it ends before. */
  public HmpClient connectHmp(Path socket) {
    awaitSocket(socket);
    return HmpClient.connect(socket);
  }

  /**
   * Waits until it serves a unix socket: the file is there from bind(2), clients only from
   * listen(2).
   */
  public void awaitSocket(Path socket) {
    Await.until(
        name + "'s socket " + socket,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError(name + " ended. It said:\n" + stderr.text() + stdout.text());
          }
          return ProcFs.isListening(pid(), socket);
        });
  }

  /** Sends a signal by name: {@code TERM}. */
  public void signal(String signal) {
    try {
      int status = new ProcessBuilder("kill", "-" + signal, Long.toString(pid())).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + signal + " " + pid() + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Waits for its end by itself; 128 + n when signal n ended it. */
  public Result awaitResult(Duration limit) {
    try {
      if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError(
            name + " didn't end in " + limit + ". It said:\n" + stderr.text() + stdout.text());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + name, e);
    }
    return new Result(process.exitValue(), stdout.awaitEnd(limit), stderr.awaitEnd(limit));
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    Await.until(name + "'s end", () -> !process.isAlive());
    closeQuietly();
    stdout.close();
    stderr.close();
  }

  /** Its stdin is a pipe of ours; flushing to a process that has ended fails, as it should. */
  private void closeQuietly() {
    try {
      process.getOutputStream().close();
    } catch (IOException alreadyGone) {
      // Nothing of ours was left to write: every writer flushes.
    }
  }
}
