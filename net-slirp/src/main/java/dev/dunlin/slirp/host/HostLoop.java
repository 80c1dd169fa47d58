package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.ErrorQueue;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.OutgoingMessage;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.function.LongSupplier;

/**
 * What all host sockets of one network share: the loop that watches them, the frames that they
 * fill, and the native structures of their system calls. The network's thread.
 */
public final class HostLoop implements AutoCloseable {
  private final EventLoop loop;
  private final FramePool pool;
  private final DatagramReader datagrams;
  private final ErrorQueue errorQueue = new ErrorQueue();
  private final OutgoingMessage outgoing = new OutgoingMessage();
  private final InetName scratch = new InetName();
  private final LongSupplier time;

  public HostLoop(NetThread thread, DropCounters drops) {
    this(thread, drops, thread.loop().clock()::nanoTime);
  }

  /**
   * @param time of the protocols, as events tell it
   */
  public HostLoop(NetThread thread, DropCounters drops, LongSupplier time) {
    this.time = time;
    this.loop = thread.loop();
    this.pool = thread.pool();
    this.datagrams = new DatagramReader(pool, drops);
  }

  EventLoop loop() {
    return loop;
  }

  FramePool pool() {
    return pool;
  }

  DatagramReader datagrams() {
    return datagrams;
  }

  OutgoingMessage outgoing() {
    return outgoing;
  }

  long now() {
    return time.getAsLong();
  }

  /** The endpoint in native memory, until the next call. */
  InetName name(IpAddr address, int port) {
    return scratch.set(address.hi(), address.lo(), port);
  }

  /** Takes what waits in a socket's error queue. */
  void drainErrors(DirectSocket socket, IpAddr destination, HostErrors.Sink sink) {
    while (errorQueue.next(socket)) {
      HostErrors.ofQueue(errorQueue, destination).ifPresent(sink::failed);
    }
  }

  /** Gives back the frames that waited for datagrams. */
  @Override
  public void close() {
    datagrams.close();
  }
}
