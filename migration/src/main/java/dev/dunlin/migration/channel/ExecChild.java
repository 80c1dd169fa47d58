package dev.dunlin.migration.channel;

import dev.dunlin.core.child.Children;
import dev.dunlin.core.child.Children.OwnedChild;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.child.OutputTail;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.FdWait;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.io.IOException;
import java.util.List;

/**
 * The shell of an {@code exec:} address: its status, waited for by nobody else, and the last lines
 * it wrote to stderr. Never kills; a shell that outlives the migration goes to the reaper.
 */
final class ExecChild implements AutoCloseable {
  /**
   * A command that closed its pipe is about to exit; longer than this isn't waited for the reason.
   */
  private static final long REASON_NANOS = 2_000_000_000L;

  private final OwnedChild child;
  private final OutputTail stderr;
  private final AbortSignal abort;

  private ExecChild(OwnedChild child, OutputTail stderr, AbortSignal abort) {
    this.child = child;
    this.stderr = stderr;
    this.abort = abort;
  }

  /** {@code /bin/sh -c command} with these descriptors on 0 and 1. */
  static ExecChild start(
      Children children, MainLoop loop, String command, int stdin, int stdout, AbortSignal abort)
      throws PosixException {
    OutputTail stderr = OutputTail.open(loop);
    try {
      SpawnRequest request = SpawnRequest.shell(command).withFds(stdin, stdout, stderr.childFd());
      return new ExecChild(children.spawnOwned("migration", request), stderr, abort);
    } catch (PosixException e) {
      stderr.close();
      throw e;
    } finally {
      stderr.childStarted();
    }
  }

  /** The status, however long it takes, unless the migration is aborted. */
  ExitStatus await() throws IOException {
    FdWait ended =
        FdWait.of(2).set(0, child.pidfd(), FdEvents.READ).set(1, abort.descriptor(), FdEvents.READ);
    ended.await(-1);
    abort.check();
    return child.await(-1);
  }

  /** The command ended otherwise than with status 0. */
  ChannelException failure(ExitStatus status) {
    return new ChannelException("Migration command " + status.describe() + lastLines());
  }

  /** Adds to a broken pipe what the command did meanwhile. */
  ChannelException explain(ChannelException broken) {
    return new ChannelException(
        broken.getMessage() + " (the command " + reason().describe() + ")" + lastLines(), broken);
  }

  /** How the command ended and what it said last. */
  List<String> lastWords() {
    return List.of("The source command " + reason().describe() + lastLines());
  }

  private ExitStatus reason() {
    return child.await(abort.isTriggered() ? 0 : REASON_NANOS);
  }

  /** On one line, since {@code info migrate} has one for the cause. */
  private String lastLines() {
    String lines = stderr.lastLines();
    return lines.isEmpty() ? "" : ": " + lines.replace("\n", "; ");
  }

  @Override
  public void close() {
    child.close();
    stderr.close();
  }
}
