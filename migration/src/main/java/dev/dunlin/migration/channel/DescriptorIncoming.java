package dev.dunlin.migration.channel;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.FdWait;
import dev.dunlin.core.posix.IoOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** {@code fd:}, and the reading end of {@code exec:}'s pipe. */
final class DescriptorIncoming implements IncomingChannel {
  private final Fd fd;
  private final Optional<ExecChild> child;
  private final AbortSignal abort;
  private final FdWait ready;

  DescriptorIncoming(Fd fd, Optional<ExecChild> child, AbortSignal abort) {
    this.fd = fd;
    this.child = child;
    this.abort = abort;
    this.ready =
        FdWait.of(2).set(0, fd.number(), FdEvents.READ).set(1, abort.descriptor(), FdEvents.READ);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    while (true) {
      ready.await(-1);
      abort.check();
      IoOutcome outcome = fd.read(into);
      if (outcome instanceof IoOutcome.Transferred transferred) {
        return transferred.bytes();
      }
      if (outcome instanceof IoOutcome.EndOfStream) {
        return -1;
      }
    }
  }

  @Override
  public List<String> lastWords() {
    return child.map(ExecChild::lastWords).orElse(List.of());
  }

  @Override
  public void close() {
    fd.close();
    child.ifPresent(ExecChild::close);
  }
}
