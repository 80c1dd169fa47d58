package dev.dunlin.slirp.tcp;

import dev.dunlin.slirp.ip.HostFailure;
import org.jspecify.annotations.Nullable;

/**
 * The host's half of a connection: the stream and the facts observed of it. An event only notes its
 * fact and asks for a turn; {@link FlowTurn} acts on facts in an order of its own, so it doesn't
 * matter from within which call an event comes.
 */
final class HostSide implements TcpHost.Listener {
  private final TcpFlow flow;
  private @Nullable TcpHost host;
  private boolean released;

  // ---- observed ----
  boolean connected;
  boolean readable;
  boolean ended;
  boolean broken;
  @Nullable HostFailure failure;
  private boolean writable = true;

  // ---- done ----
  private boolean wanted;
  private boolean outputShut;

  HostSide(TcpFlow flow) {
    this.flow = flow;
  }

  /** The stream that the connector gave. */
  void attach(TcpHost stream) {
    host = stream;
  }

  private TcpHost stream() {
    TcpHost stream = host;
    if (stream == null) {
      throw new IllegalStateException("no host behind " + flow);
    }
    return stream;
  }

  // ---- events ----

  @Override
  public void connected(long now) {
    connected = true;
    flow.turn(now);
  }

  @Override
  public void failed(HostFailure reason, long now) {
    failure = reason;
    flow.turn(now);
  }

  @Override
  public void readable(long now) {
    readable = true;
    flow.turn(now);
  }

  @Override
  public void writable(long now) {
    writable = true;
    flow.turn(now);
  }

  @Override
  public void ended(long now) {
    ended = true;
    flow.turn(now);
  }

  @Override
  public void reset(long now) {
    broken = true;
    flow.turn(now);
  }

  // ---- guest to host ----

  /** The handshake with the guest is complete. */
  void established(long now) {
    if (!isGone()) {
      stream().established(now);
    }
  }

  boolean mayWrite() {
    return connected && writable && !isGone();
  }

  private boolean isGone() {
    return broken || failure != null || released;
  }

  /** Offers a segment's text straight from its frame. */
  int write(Segment segment, long now) {
    if (!mayWrite() || segment.length == 0) {
      return 0;
    }
    int taken = stream().write(segment.frame.window(segment.payload, segment.length), now);
    segment.frame.endWindow();
    return checked(taken, segment.length);
  }

  /** Offers what is kept. */
  int write(ReceiveBuffer buffer, int from, int to, long now) {
    return checked(buffer.deliver(stream(), from, to, now), to - from);
  }

  private int checked(int taken, int offered) {
    if (taken < 0 || taken > offered) {
      throw new IllegalStateException("the host took " + taken + " of " + offered + " bytes");
    }
    writable = taken == offered;
    return taken;
  }

  /** The guest's FIN, once everything before it was taken. */
  void shutdownOutput(long now) {
    if (!outputShut && connected && !isGone()) {
      outputShut = true;
      stream().shutdownOutput(now);
    }
  }

  boolean isOutputShut() {
    return outputShut || isGone();
  }

  // ---- host to guest ----

  /** Reads into the queue. Says whether more may be there. */
  SendQueue.Pull pull(SendQueue queue, long now) {
    SendQueue.Pull pull = queue.pull(stream(), now);
    // A short read emptied it; a level-triggered event tells if that's wrong.
    readable = pull == SendQueue.Pull.FULL || pull == SendQueue.Pull.NO_MEMORY;
    ended |= !isGone() && stream().takeEnd();
    return pull;
  }

  boolean mayRead() {
    return connected && readable && !ended && !isGone();
  }

  void wantRead(boolean want) {
    boolean now = want && connected && !ended;
    if (now != wanted && !isGone()) {
      wanted = now;
      stream().wantRead(now);
    }
  }

  // ---- the end ----

  /** Abortive. */
  void breakOff(long now) {
    if (!released && host != null && !broken && failure == null) {
      released = true;
      host.reset(now);
    }
    released = true;
  }

  /** Both directions are through. */
  void finish(long now) {
    if (!released && host != null && !broken && failure == null) {
      released = true;
      host.close(now);
    }
    released = true;
  }

  int descriptor() {
    return host == null || isGone() ? -1 : host.descriptor();
  }
}
