package dev.dunlin.migration.channel;

import dev.dunlin.core.posix.Backlog;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * {@code fd:}: a descriptor that came over the monitor. It is made non-blocking while the migration
 * lasts, so that a cancel need not wait for a stuck reader, and is given back as it was: the open
 * file may be shared with whoever passed it.
 */
final class DescriptorOutgoing implements OutgoingChannel {
  private final Fd fd;
  private final boolean wasNonBlocking;
  private final Backlog backlog;
  private final DescriptorWriter writer;

  private DescriptorOutgoing(Fd fd, boolean wasNonBlocking, AbortSignal abort)
      throws PosixException {
    this.fd = fd;
    this.wasNonBlocking = wasNonBlocking;
    this.backlog = Backlog.of(fd);
    this.writer = new DescriptorWriter(fd, "file", abort);
  }

  /** Takes the descriptor over, also when this fails. */
  static DescriptorOutgoing over(Fd fd, AbortSignal abort) throws ChannelException {
    try {
      boolean before = fd.isNonBlocking();
      fd.setNonBlocking(true);
      return new DescriptorOutgoing(fd, before, abort);
    } catch (PosixException e) {
      fd.close();
      throw new ChannelException("Unable to use " + fd + ": " + e.errorText(), e);
    }
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    writer.write(bytes);
  }

  @Override
  public Optional<GatheringSink> gathering() {
    return Optional.of(writer::write);
  }

  @Override
  public void rest(long nanos) throws IOException {
    writer.rest(nanos);
  }

  @Override
  public long backlog() throws IOException {
    return backlog.bytes();
  }

  @Override
  public void finish() throws IOException {
    writer.drain(backlog);
    close();
  }

  @Override
  public void close() {
    if (!fd.isOpen()) {
      return;
    }
    try {
      fd.setNonBlocking(wasNonBlocking);
    } catch (PosixException e) {
      org.apache.logging.log4j.LogManager.getLogger(DescriptorOutgoing.class)
          .warn("{} stays non-blocking", fd, e);
    }
    fd.close();
  }
}
