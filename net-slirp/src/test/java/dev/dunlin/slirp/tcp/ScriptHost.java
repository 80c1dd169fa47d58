package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A host's stream that a script steers: text is {@link Pattern}, so only its amount is said. */
final class ScriptHost implements TcpHost {
  TcpHost.@Nullable Listener listener;

  /** How much more it takes from the guest. */
  int room = Integer.MAX_VALUE;

  /** What it took. */
  long received;

  /** What it has sent, or would if it were read. */
  long sent;

  private long read;
  boolean endPending;
  boolean checksText = true;
  boolean wantsRead;
  boolean outputShut;
  boolean wasReset;
  boolean closed;
  boolean shortWrite;
  int reads;

  TcpHost.Listener listener() {
    TcpHost.Listener heard = listener;
    if (heard == null) {
      throw new IllegalStateException("not connected");
    }
    return heard;
  }

  @Override
  public int write(ByteBuffer data, long now) {
    assertAlive();
    assertFalse(outputShut, "text after the end");
    int taken = Math.min(room, data.remaining());
    for (int i = 0; checksText && i < taken; i++) {
      assertEquals(Pattern.at(received + i), data.get(data.position() + i), "text to the host");
    }
    received += taken;
    room -= taken;
    shortWrite = taken < data.remaining();
    return taken;
  }

  @Override
  public int read(ByteBuffer into, long now) {
    assertAlive();
    reads++;
    int count = (int) Math.min(sent - read, into.remaining());
    for (int i = 0; i < count; i++) {
      into.put(Pattern.at(read + i));
    }
    read += count;
    if (count == 0 && endPending) {
      endPending = false;
      listener().ended(now);
    }
    return count;
  }

  long unread() {
    return sent - read;
  }

  @Override
  public void wantRead(boolean wanted) {
    assertAlive();
    wantsRead = wanted;
  }

  @Override
  public void shutdownOutput(long now) {
    assertAlive();
    outputShut = true;
  }

  @Override
  public void reset(long now) {
    assertAlive();
    wasReset = true;
  }

  @Override
  public void close(long now) {
    assertAlive();
    closed = true;
  }

  boolean isOver() {
    return closed || wasReset;
  }

  private void assertAlive() {
    assertFalse(isOver(), "a call after the end");
  }
}
