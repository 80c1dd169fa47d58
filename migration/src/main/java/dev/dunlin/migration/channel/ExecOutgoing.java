package dev.dunlin.migration.channel;

import dev.dunlin.core.child.Children;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.Backlog;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * {@code exec:COMMAND}: a shell that reads the stream from its stdin. This object is the one waiter
 * for that child.
 *
 * <p>The stream has arrived when the command has read every byte of the pipe (bytes that merely
 * fitted into it are no success: {@code exec:true}), the pipe is closed, and the command has exited
 * with status 0. Every other end is a failure, also a status that somebody else took. The words for
 * it begin with QEMU's and go on with the status and the command's last lines on stderr.
 */
final class ExecOutgoing implements OutgoingChannel {
  private static final int PIPE_BYTES = 1 << 20;

  private final Fd pipe;
  private final ExecChild child;
  private final Backlog backlog;
  private final DescriptorWriter writer;

  private ExecOutgoing(Fd pipe, ExecChild child, AbortSignal abort) throws PosixException {
    this.pipe = pipe;
    this.backlog = Backlog.of(pipe);
    this.child = child;
    this.writer = new DescriptorWriter(pipe, "command", abort);
  }

  static ExecOutgoing start(String command, Children children, MainLoop loop, AbortSignal abort)
      throws ChannelException {
    try (Pipe pipe = Pipe.open()) {
      pipe.resize(PIPE_BYTES);
      ExecChild child =
          ExecChild.start(
              children, loop, command, pipe.readEnd().number(), SpawnRequest.DEV_NULL, abort);
      try {
        Fd ours = pipe.writeEnd().duplicate();
        ours.setNonBlocking(true);
        return new ExecOutgoing(ours, child, abort);
      } catch (PosixException e) {
        child.close();
        throw e;
      }
    } catch (PosixException e) {
      throw new ChannelException("Unable to start command: " + e.errorText(), e);
    }
  }

  /** Something done with the pipe. */
  @FunctionalInterface
  private interface Action {
    void run() throws IOException;
  }

  /** A broken pipe comes with what the command did meanwhile. */
  private void explained(Action action) throws IOException {
    try {
      action.run();
    } catch (ChannelException e) {
      throw child.explain(e);
    }
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    explained(() -> writer.write(bytes));
  }

  @Override
  public void rest(long nanos) throws IOException {
    explained(() -> writer.rest(nanos));
  }

  @Override
  public Optional<ReferenceSink> byReference() {
    return Optional.of(vectors -> explained(() -> writer.splice(vectors)));
  }

  @Override
  public Optional<GatheringSink> gathering() {
    return Optional.of(vectors -> explained(() -> writer.write(vectors)));
  }

  @Override
  public long backlog() throws IOException {
    return backlog.bytes();
  }

  @Override
  public void finish() throws IOException {
    explained(() -> writer.drain(backlog));
    pipe.close();
    ExitStatus status = child.await();
    if (!status.isSuccess()) {
      throw child.failure(status);
    }
  }

  @Override
  public void close() {
    pipe.close();
    child.close();
  }
}
