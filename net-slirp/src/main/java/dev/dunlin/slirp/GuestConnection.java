package dev.dunlin.slirp;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.slirp.tcp.TcpHost;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a guest's to a {@link GuestServer}: a stream of bytes each way. No call blocks
 * or throws for what a guest does. What isn't read stays with the guest, whose window closes; what
 * the guest doesn't take is refused by {@link #write} after {@link #CAPACITY} bytes. One thread at
 * a time, where not said otherwise.
 */
public final class GuestConnection {
  /** Bytes that wait in each direction. */
  public static final int CAPACITY = 64 * 1024;

  private final String network;
  private final InetSocketAddress guest;
  private final NetThread thread;
  private final LongSupplier time;
  private final BytePipe fromGuest = new BytePipe(CAPACITY);
  private final BytePipe toGuest = new BytePipe(CAPACITY);
  private final AtomicBoolean turnAsked = new AtomicBoolean();
  private volatile Runnable wake = () -> {};

  // What the guest's side did; written on the network's thread.
  private volatile boolean guestEnded;
  private volatile boolean broken;
  private volatile boolean over;

  // What our side did; each is seen by the network's thread in the turn that is asked for.
  private volatile boolean ended;
  private volatile boolean resetting;
  private volatile boolean madeSpace;

  /** The guest has more than there was space for. */
  private volatile boolean spaceWanted;

  /** We have more than there was room for. */
  private volatile boolean roomWanted;

  private @Nullable Host host;

  GuestConnection(String network, InetSocketAddress guest, NetThread thread, LongSupplier time) {
    this.time = time;
    this.network = network;
    this.guest = guest;
    this.thread = thread;
  }

  /** The id of the netdev that it came over. Any thread. */
  public String network() {
    return network;
  }

  /** The guest's address and port. Any thread. */
  public InetSocketAddress guest() {
    return guest;
  }

  /**
   * Moves bytes from the guest into {@code into}.
   *
   * @return how many; 0 when there are none now, -1 when there will be no more
   */
  public int read(ByteBuffer into) {
    boolean last = guestEnded || broken;
    int count = fromGuest.take(into);
    if (count > 0 && spaceWanted) {
      spaceWanted = false;
      madeSpace = true;
      askForTurn();
    }
    return count == 0 && last && into.hasRemaining() ? -1 : count;
  }

  /**
   * Takes bytes for the guest, as many as there is room for. After less than all, the wake-up comes
   * when there is room again.
   *
   * @return how many
   */
  public int write(ByteBuffer from) {
    if (!takesBytes()) {
      return 0;
    }
    int count = toGuest.put(from);
    if (from.hasRemaining()) {
      roomWanted = true;
      // What the guest took before that was seen is told by nobody.
      count += toGuest.put(from);
    }
    if (count > 0) {
      askForTurn();
    }
    return count;
  }

  /** Whether {@link #write} may still be of use. Any thread. */
  public boolean takesBytes() {
    return !ended && !broken;
  }

  /** Nothing more is written; the guest hears of the end after what was. */
  public void end() {
    if (!ended) {
      ended = true;
      askForTurn();
    }
  }

  /** Breaks the connection off: the guest sees a reset. */
  public void reset() {
    ended = true;
    resetting = true;
    askForTurn();
  }

  /** Whether the guest, or the end of its network, broke it off. Any thread. */
  public boolean isBroken() {
    return broken;
  }

  /** Whether both directions have ended, one way or the other. Any thread. */
  public boolean isOver() {
    return over;
  }

  /**
   * Runs {@code hook} when there is something to read, room again or an end, on the network's
   * thread: it may hand the news on and nothing else, and must not block. Bytes may be there
   * already: read once after this.
   */
  @CanIgnoreReturnValue
  public GuestConnection onReady(Runnable hook) {
    wake = hook;
    return this;
  }

  private void askForTurn() {
    if (!turnAsked.getAndSet(true)) {
      Host side = host;
      if (side != null) {
        thread.execute(side::turn);
      }
    }
  }

  /** The network's side. Called once, before anybody else has the connection. */
  TcpHost host(GuestServer server, TcpHost.Listener listener) {
    Host made = new Host(server, listener);
    host = made;
    return made;
  }

  /** The other end of both pipes. On the network's thread. */
  private final class Host implements TcpHost {
    private final GuestServer server;
    private final TcpHost.Listener listener;
    private boolean endTold;

    Host(GuestServer server, TcpHost.Listener listener) {
      this.server = server;
      this.listener = listener;
    }

    /** It arrives with the guest's ACK: a flood of SYNs costs its server nothing. */
    @Override
    public void established(long now) {
      server.arrived(GuestConnection.this);
    }

    @Override
    public int write(ByteBuffer data, long now) {
      if (over) {
        return 0;
      }
      int count = fromGuest.put(data);
      if (data.hasRemaining()) {
        spaceWanted = true;
        count += fromGuest.put(data);
      }
      if (count > 0) {
        wake.run();
      }
      return count;
    }

    @Override
    public int read(ByteBuffer into, long now) {
      int count = toGuest.take(into);
      if (count > 0 && roomWanted) {
        roomWanted = false;
        wake.run();
      }
      tellEnd(now);
      return count;
    }

    @Override
    public void wantRead(boolean wanted) {
      // Each write of ours asks for a turn, and the engine remembers what that told it.
    }

    @Override
    public void shutdownOutput(long now) {
      guestEnded = true;
      wake.run();
    }

    @Override
    public void reset(long now) {
      broken = true;
      finish();
    }

    @Override
    public void close(long now) {
      finish();
    }

    private void finish() {
      if (!over) {
        over = true;
        server.departed();
        wake.run();
      }
    }

    /** Hears what our side did since the last turn. */
    private void turn() {
      turnAsked.set(false);
      if (over) {
        return;
      }
      long now = time.getAsLong();
      if (resetting) {
        broken = true;
        finish();
        listener.reset(now);
        return;
      }
      if (madeSpace) {
        madeSpace = false;
        listener.writable(now);
      }
      if (!over && toGuest.length() > 0) {
        listener.readable(now);
      }
      tellEnd(now);
    }

    private void tellEnd(long now) {
      if (ended && toGuest.length() == 0 && !endTold && !over) {
        endTold = true;
        listener.ended(now);
      }
    }
  }
}
