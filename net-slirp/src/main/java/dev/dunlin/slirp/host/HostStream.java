package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.Transfer;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.tcp.TcpHost;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One stream of the host: a TCP connection that was made or is being made, or a unix one. It has no
 * buffer: what its user doesn't read stays in the kernel, whose window then closes, and what the
 * kernel doesn't take stays with the user. On the network's thread; events come from the loop only,
 * never from within a call, but for {@link #connectAtOnce}.
 */
public final class HostStream implements TcpHost {
  private final HostLoop host;
  private final DirectSocket socket;
  private final IpAddr destination;
  private final Listener listener;
  private final FdWatch watch;
  private State state;
  private boolean readWanted;
  private boolean roomWanted;
  private boolean noDelay;
  private boolean written;

  /** Nobody has asked to read yet, and nothing is watched: see {@link #connectAtOnce}. */
  private boolean unwatched;

  /** The peer sends no more: behind what is there is the end. */
  private boolean endNear;

  private boolean endSeen;
  private boolean broken;
  private boolean hungUp;

  private enum State {
    CONNECTING,
    /** The host said no at once, which is told by the loop's next turn. */
    REFUSED,
    OPEN,
    /** The peer sends no more, and its listener knows. */
    ENDED,
    CLOSED
  }

  private HostStream(
      HostLoop host,
      DirectSocket socket,
      IpAddr destination,
      State state,
      boolean unwatched,
      Listener listener) {
    this.host = host;
    this.socket = socket;
    this.destination = destination;
    this.state = state;
    this.unwatched = unwatched;
    this.listener = listener;
    this.watch = host.loop().watch(socket.number(), interest(), this::ready);
  }

  /**
   * Begins to connect; how long that may take is the kernel's affair (tcp_syn_retries in tcp(7)).
   * What the host refuses at once is told by {@link Listener#failed} like what it refuses later.
   *
   * @throws IOException when there is no descriptor left
   */
  public static HostStream connect(HostLoop host, IpAddr destination, int port, Listener listener)
      throws IOException {
    return connect(host, host.name(destination, port), listener);
  }

  static HostStream connect(HostLoop host, InetName name, Listener listener) throws IOException {
    IpAddr destination = IpAddr.of(name.hi(), name.lo());
    DirectSocket socket = open(name, destination);
    return of(socket.connect(name), host, socket, destination, listener);
  }

  /**
   * The same for a listener that is ready to hear {@link Listener#connected} from within the call.
   * What loopback's servers accept stands then, since a handshake over loopback is over when
   * connect(2) returns, though that says EINPROGRESS; and such a stream isn't watched before the
   * first {@link #wantRead}. A short connection saves a third of its system calls.
   */
  static HostStream connectAtOnce(
      HostLoop host, IpAddr destination, int port, Listener listener, long now) throws IOException {
    InetName name = host.name(destination, port);
    DirectSocket socket = open(name, destination);
    Transfer begun = socket.connect(name);
    if (begun == Transfer.WOULD_BLOCK && destination.isLoopback()) {
      begun = socket.connect(name);
    }
    if (begun != Transfer.MOVED) {
      return of(begun, host, socket, destination, listener);
    }
    HostStream stream = new HostStream(host, socket, destination, State.OPEN, true, listener);
    listener.connected(now);
    return stream;
  }

  private static DirectSocket open(InetName name, IpAddr destination) throws IOException {
    DirectSocket socket = DirectSocket.tcp(name);
    if (!destination.isLoopback()) {
      // While connecting it tells which router refused; later it would make a passing trouble
      // fatal.
      socket.setErrorQueue(name, true);
    }
    socket.setUrgentInline();
    return socket;
  }

  private static HostStream of(
      Transfer begun, HostLoop host, DirectSocket socket, IpAddr destination, Listener listener) {
    if (begun != Transfer.FAILED) {
      return new HostStream(host, socket, destination, State.CONNECTING, false, listener);
    }
    HostFailure failure = HostErrors.ofErrno(socket.errno());
    HostStream stream = new HostStream(host, socket, destination, State.REFUSED, false, listener);
    host.loop().execute(() -> stream.fail(failure));
    return stream;
  }

  /** A connection that came to a listener of the host's. */
  public static HostStream accepted(HostLoop host, DirectSocket connection, Listener listener) {
    connection.setUrgentInline();
    return new HostStream(host, connection, IpAddr.ANY_V4, State.OPEN, false, listener);
  }

  // ---- calls ----

  /** {@inheritDoc} The buffer is a direct one. */
  @Override
  public int write(ByteBuffer direct, long now) {
    if (!isUsable() || broken) {
      return 0;
    }
    if (written && !noDelay) {
      // Nagle's rule holds nothing back before something is under way.
      noDelay = true;
      socket.setNoDelay();
    }
    written = true;
    int before = direct.remaining();
    if (socket.send(direct) == Transfer.FAILED) {
      broken = true;
    }
    roomWanted = direct.hasRemaining();
    update();
    return before - direct.remaining();
  }

  /** {@inheritDoc} The buffer is a direct one. */
  @Override
  public int read(ByteBuffer into, long now) {
    if (state != State.OPEN || endSeen || broken || !into.hasRemaining()) {
      return 0;
    }
    int before = into.remaining();
    Transfer last = socket.receive(into);
    while (endNear && last == Transfer.MOVED && into.hasRemaining()) {
      last = socket.receive(into);
    }
    endSeen = last == Transfer.ENDED;
    broken = last == Transfer.FAILED;
    if (endSeen || broken) {
      update();
    }
    return before - into.remaining();
  }

  @Override
  public boolean takeEnd() {
    if (!endSeen || state != State.OPEN) {
      return false;
    }
    state = State.ENDED;
    update();
    return true;
  }

  @Override
  public void wantRead(boolean wanted) {
    unwatched = false;
    readWanted = wanted;
    update();
  }

  /** Nothing more is written; what the kernel took goes out first. */
  @Override
  public void shutdownOutput(long now) {
    if (isUsable()) {
      socket.shutdownOutput();
    }
  }

  /** {@inheritDoc} By SO_LINGER of zero seconds (socket(7)). */
  @Override
  public void reset(long now) {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      watch.close();
      socket.reset();
    }
  }

  /** {@inheritDoc} What the kernel took still goes out. */
  @Override
  public void close(long now) {
    close();
  }

  /** As the other: an end needs no time. */
  void close() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      watch.close();
      socket.close();
    }
  }

  @Override
  public int descriptor() {
    return socket.number();
  }

  private boolean isUsable() {
    return state == State.OPEN || state == State.ENDED;
  }

  // ---- events ----

  private void ready(FdEvents events) {
    long now = host.now();
    if (state == State.CONNECTING) {
      connectingEnded(now);
      return;
    }
    endNear |= events.ended();
    if (readWanted && !endSeen && (events.readable() || events.hangup())) {
      listener.readable(now);
    } else if (events.hangup() && !broken) {
      // Nobody reads: a reset must be heard all the same; two ended directions are no news.
      broken = socket.takeError() != 0;
      hungUp = true;
    }
    tellEnds(events, now);
  }

  private void tellEnds(FdEvents events, long now) {
    if (broken && state != State.CLOSED) {
      close();
      listener.reset(now);
      return;
    }
    if (endSeen && state == State.OPEN) {
      state = State.ENDED;
      listener.ended(now);
    }
    if (roomWanted && events.writable() && isUsable()) {
      roomWanted = false;
      listener.writable(now);
    }
    update();
  }

  private void connectingEnded(long now) {
    int errno = socket.takeError();
    if (errno == 0) {
      if (!destination.isLoopback()) {
        socket.setErrorQueue(host.name(destination, 0), false);
      }
      state = State.OPEN;
      update();
      listener.connected(now);
      return;
    }
    FirstFailure reported = new FirstFailure(HostErrors.ofErrno(errno));
    if (errno != Errno.ECONNREFUSED) {
      host.drainErrors(socket, destination, reported);
    }
    fail(reported.failure);
  }

  /** The most precise that is known: the queue's entry, else errno's. */
  private static final class FirstFailure implements HostErrors.Sink {
    private HostFailure failure;

    FirstFailure(HostFailure otherwise) {
      this.failure = otherwise;
    }

    @Override
    public void failed(HostFailure told) {
      failure = told;
    }
  }

  private void fail(HostFailure failure) {
    if (state == State.CONNECTING || state == State.REFUSED) {
      close();
      listener.failed(failure, host.now());
    }
  }

  private void update() {
    if (state != State.CLOSED) {
      watch.setInterest(interest());
    }
  }

  private FdEvents interest() {
    if (state == State.CONNECTING) {
      return FdEvents.WRITE;
    }
    if (state == State.REFUSED) {
      // A socket that never began to connect counts as writable and hung up.
      return FdEvents.NONE;
    }
    // An end or a break that was found is told by the next turn: the socket stays readable.
    boolean untold = (endSeen && state == State.OPEN) || broken;
    boolean read = untold || (readWanted && state == State.OPEN);
    if (read || roomWanted) {
      return FdEvents.of(read, roomWanted, false);
    }
    // Level-triggered: a hang-up that was heard would be told for ever.
    return hungUp || unwatched ? FdEvents.NONE : FdEvents.HANGUP;
  }
}
