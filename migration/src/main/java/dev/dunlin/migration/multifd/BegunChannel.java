package dev.dunlin.migration.multifd;

import dev.dunlin.migration.channel.IncomingChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A connection whose first bytes were looked at already. */
final class BegunChannel implements IncomingChannel {
  private final IncomingChannel channel;
  private final ByteBuffer start;

  /**
   * @param start the first bytes, up to its position
   */
  BegunChannel(IncomingChannel channel, ByteBuffer start) {
    this.channel = channel;
    this.start = start.flip();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    if (!start.hasRemaining()) {
      return channel.read(into);
    }
    int count = Math.min(start.remaining(), into.remaining());
    into.put(start.slice(start.position(), count));
    start.position(start.position() + count);
    return count;
  }

  @Override
  public List<String> lastWords() {
    return channel.lastWords();
  }

  @Override
  public void close() {
    channel.close();
  }
}
