package dev.dunlin.slirp.service;

import dev.dunlin.slirp.link.Timed;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * One TCP connection of the guest to the virtual name server (RFC 7766): cuts the stream into
 * messages by their length and puts lengths before the answers, in whatever order those come.
 *
 * <p>Bounds: one message of at most 65,535 bytes is collected at a time, its buffer growing with
 * what really came; {@link #MOST_OUTSTANDING} questions wait for an answer, after which the stream
 * isn't read until one came; {@link #IDLE_TIME} without a byte or an answer ends it.
 */
public final class DnsTcpSession implements Timed {
  public static final int MOST_OUTSTANDING = 16;
  public static final long IDLE_TIME = TimeUnit.SECONDS.toNanos(10);
  private static final int PREFIX = 2;
  private static final int FIRST_BUFFER = 512;

  /** The guest's end of the connection. */
  public interface Stream {
    /** Takes bytes for the guest; the TCP engine buffers them within its window. */
    void write(ByteBuffer bytes, long now);

    /** Ends the connection; the session is not to be called again. */
    void close(long now);
  }

  private final DnsForwarder forwarder;
  private final Stream stream;
  private byte[] buffer = new byte[FIRST_BUFFER];
  private int filled;
  private int outstanding;
  private boolean ended;
  private boolean closed;
  private long lastUsed;

  DnsTcpSession(DnsForwarder forwarder, Stream stream, long now) {
    this.forwarder = forwarder;
    this.stream = stream;
    this.lastUsed = now;
  }

  /**
   * Takes bytes from the guest and says how many; what it leaves is to be offered again after
   * {@link #isHungry} says yes.
   */
  public int receive(ByteBuffer bytes, long now) {
    int before = bytes.remaining();
    lastUsed = now;
    while (!closed && isHungry() && bytes.hasRemaining()) {
      collect(bytes);
      if (isComplete()) {
        deliver(now);
      }
    }
    return before - bytes.remaining();
  }

  /** Whether more bytes are welcome. */
  public boolean isHungry() {
    return !closed && outstanding < MOST_OUTSTANDING;
  }

  /** Copies at most to the end of the message that is being collected. */
  private void collect(ByteBuffer bytes) {
    int wanted = (filled < PREFIX ? PREFIX : PREFIX + length()) - filled;
    int count = Math.min(wanted, bytes.remaining());
    if (filled + count > buffer.length) {
      buffer =
          Arrays.copyOf(
              buffer, Math.min(PREFIX + 0xffff, Math.max(filled + count, buffer.length * 2)));
    }
    bytes.get(buffer, filled, count);
    filled += count;
  }

  private int length() {
    return (buffer[0] & 0xff) << 8 | (buffer[1] & 0xff);
  }

  private boolean isComplete() {
    return filled >= PREFIX && filled == PREFIX + length();
  }

  private void deliver(long now) {
    byte[] message = Arrays.copyOfRange(buffer, PREFIX, filled);
    filled = 0;
    outstanding++;
    if (!forwarder.askOverTcp(this, message, this::answer, now)) {
      close(now);
    }
  }

  private void answer(byte[] message, long now) {
    if (closed) {
      return;
    }
    outstanding--;
    lastUsed = now;
    ByteBuffer framed = ByteBuffer.allocate(PREFIX + message.length);
    framed.putShort((short) message.length).put(message).flip();
    stream.write(framed, now);
    closeWhenDone(now);
  }

  /** The guest sends no more; answers still under way reach it first. */
  public void end(long now) {
    ended = true;
    closeWhenDone(now);
  }

  private void closeWhenDone(long now) {
    if (ended && outstanding == 0) {
      close(now);
    }
  }

  /** The connection is gone or is to go. */
  public void close(long now) {
    if (!closed) {
      closed = true;
      forwarder.forget(this);
      stream.close(now);
    }
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public long delay(long now) {
    return closed ? IDLE : Math.max(0, lastUsed + IDLE_TIME - now);
  }

  @Override
  public void onTime(long now) {
    if (!closed && lastUsed + IDLE_TIME - now <= 0) {
      close(now);
    }
  }
}
