package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.channel.IncomingChannel;
import java.nio.ByteBuffer;
import java.util.List;

/** A connection whose bytes are all there, and come some at a time. */
public final class BytesChannel implements IncomingChannel {
  private final ByteBuffer bytes;
  private final int most;

  /**
   * @param most how many come at a time
   */
  public BytesChannel(byte[] bytes, int most) {
    this.bytes = ByteBuffer.wrap(bytes);
    this.most = most;
  }

  @Override
  public int read(ByteBuffer into) {
    if (!bytes.hasRemaining()) {
      return -1;
    }
    int count = Math.min(Math.min(into.remaining(), bytes.remaining()), most);
    into.put(bytes.slice(bytes.position(), count));
    bytes.position(bytes.position() + count);
    return count;
  }

  @Override
  public List<String> lastWords() {
    return ImmutableList.of();
  }

  @Override
  public void close() {}
}
