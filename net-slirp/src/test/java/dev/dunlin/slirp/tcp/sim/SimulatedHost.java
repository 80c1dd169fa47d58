package dev.dunlin.slirp.tcp.sim;

import dev.dunlin.slirp.tcp.Pattern;
import dev.dunlin.slirp.tcp.TcpHost;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The host's stream: sends so many bytes and ends, takes what the guest sends in its own time. */
final class SimulatedHost implements TcpHost {
  private final SplittableRandom random;
  private final long toSend;
  private final int capacity;
  private final boolean endsLast;
  TcpHost.@Nullable Listener listener;
  long sent;
  long received;
  private int kept;
  boolean outputShut;
  boolean closed;
  boolean wasReset;
  boolean ended;
  boolean wantsRead;
  private boolean blocked;

  /** {@code endsLast}: its own end comes only after the guest's. */
  SimulatedHost(SplittableRandom random, long toSend, int capacity, boolean endsLast) {
    this.random = random;
    this.toSend = toSend;
    this.capacity = capacity;
    this.endsLast = endsLast;
  }

  @Override
  public int write(ByteBuffer data, long now) {
    alive();
    if (outputShut) {
      throw new AssertionError("text after the end");
    }
    int taken = Math.min(data.remaining(), capacity - kept);
    for (int i = 0; i < taken; i++) {
      if (data.get(data.position() + i) != Pattern.at(received + i)) {
        throw new AssertionError("wrong byte at " + (received + i));
      }
    }
    received += taken;
    kept += taken;
    blocked = taken < data.remaining();
    return taken;
  }

  @Override
  public int read(ByteBuffer into, long now) {
    alive();
    int most = random.nextInt(4) == 0 ? 1 + random.nextInt(3000) : into.remaining();
    int count = (int) Math.min(toSend - sent, Math.min(most, into.remaining()));
    for (int i = 0; i < count; i++) {
      into.put(Pattern.at(sent + i));
    }
    sent += count;
    return count;
  }

  @Override
  public void wantRead(boolean wanted) {
    alive();
    wantsRead = wanted;
  }

  @Override
  public void shutdownOutput(long now) {
    alive();
    outputShut = true;
  }

  @Override
  public void reset(long now) {
    alive();
    wasReset = true;
  }

  @Override
  public void close(long now) {
    alive();
    closed = true;
  }

  private void alive() {
    if (closed || wasReset) {
      throw new AssertionError("a call after the end");
    }
  }

  /** A turn of the host's loop. */
  void turn(int drain, long now) {
    TcpHost.Listener heard = listener;
    if (heard == null || closed || wasReset) {
      return;
    }
    kept -= Math.min(kept, drain);
    if (blocked && kept < capacity) {
      blocked = false;
      heard.writable(now);
    }
    if (wantsRead && sent < toSend && !wasReset) {
      heard.readable(now);
    }
    if (!ended && sent == toSend && (!endsLast || outputShut) && !closed && !wasReset) {
      ended = true;
      heard.ended(now);
    }
  }

  boolean isDone() {
    return closed && ended && outputShut;
  }

  @Override
  public String toString() {
    return "host sent "
        + sent
        + " of "
        + toSend
        + (ended ? " and end" : "")
        + ", received "
        + received
        + (outputShut ? " and end" : "")
        + (closed ? ", closed" : "");
  }
}
