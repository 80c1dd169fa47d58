package dev.dunlin.migration.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/** {@code unix:}, {@code tcp:} and {@code file:} over NIO; the abort signal closes it. */
final class NioIncoming implements IncomingChannel {
  private final ReadableByteChannel channel;

  NioIncoming(ReadableByteChannel channel, AbortSignal abort) {
    this.channel = channel;
    abort.onTrigger(this::close);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    try {
      return channel.read(into);
    } catch (ClosedChannelException e) {
      throw new AbortedException();
    }
  }

  @Override
  public void close() {
    Quietly.close(channel);
  }
}
