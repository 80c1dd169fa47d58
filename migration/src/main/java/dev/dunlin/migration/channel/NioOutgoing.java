package dev.dunlin.migration.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;

/**
 * {@code file:} over NIO, whose blocking writes end when another thread closes the channel: that is
 * what the abort signal does.
 */
final class NioOutgoing implements OutgoingChannel {
  private final WritableByteChannel channel;
  private final String target;
  private final AbortSignal abort;

  NioOutgoing(WritableByteChannel channel, String target, AbortSignal abort) {
    this.channel = channel;
    this.target = target;
    this.abort = abort;
    abort.onTrigger(this::close);
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (ClosedChannelException e) {
      throw new AbortedException();
    } catch (IOException e) {
      throw new ChannelException("Unable to write to " + target + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void rest(long nanos) throws IOException {
    abort.sleep(nanos);
  }

  @Override
  public void finish() throws IOException {
    abort.check();
    try {
      channel.close();
    } catch (IOException e) {
      throw new ChannelException("Unable to write to " + target + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    Quietly.close(channel);
  }
}
