package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.Transfer;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.HostFailureException;
import dev.dunlin.slirp.udp.DatagramFlow;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.nio.ByteBuffer;

/** UDP sockets of the host, each connected to one remote end. On the network's thread. */
public final class HostDatagrams implements DatagramFlow.Factory {
  private final HostLoop host;

  public HostDatagrams(HostLoop host) {
    this.host = host;
  }

  @Override
  public DatagramFlow open(
      IpAddr guest, int guestPort, IpAddr destination, int port, DatagramFlow.Listener listener)
      throws IOException {
    InetName name = host.name(destination, port);
    DirectSocket socket = DirectSocket.udp(name);
    socket.setErrorQueue(name, true);
    if (socket.connect(name) != Transfer.MOVED) {
      int errno = socket.errno();
      socket.close();
      throw new HostFailureException(HostErrors.ofErrno(errno), Errno.describe(errno));
    }
    return new Flow(socket, destination, port, listener);
  }

  private final class Flow implements DatagramFlow, DatagramReader.Sink, HostErrors.Sink {
    private final DirectSocket socket;
    private final IpAddr destination;
    private final int port;
    private final Listener listener;
    private final FdWatch watch;
    private boolean closed;

    Flow(DirectSocket socket, IpAddr destination, int port, Listener listener) {
      this.socket = socket;
      this.destination = destination;
      this.port = port;
      this.listener = listener;
      this.watch = host.loop().watch(socket.number(), FdEvents.READ, this::ready);
    }

    @Override
    public void send(ByteBuffer payload, int ttl, int tos, boolean dontFragment) {
      if (closed) {
        return;
      }
      socket.setTtl(Math.max(1, ttl));
      socket.setTos(tos);
      socket.setPathMtu(dontFragment ? DirectSocket.PathMtu.DO : DirectSocket.PathMtu.FRAGMENT);
      if (socket.send(payload) == Transfer.FAILED) {
        sendFailed(payload);
      }
    }

    /**
     * Often the failure speaks of an earlier datagram and this one wasn't sent: what waits in the
     * queue is told, and it goes out by itself.
     */
    private void sendFailed(ByteBuffer payload) {
      int errno = socket.errno();
      host.drainErrors(socket, destination, this);
      boolean ofThisOne = errno == Errno.EMSGSIZE;
      if (!closed && !ofThisOne && socket.send(payload) == Transfer.FAILED) {
        failed(HostErrors.ofErrno(socket.errno()));
      }
    }

    private void ready(FdEvents events) {
      if (events.hangup()) {
        host.drainErrors(socket, destination, this);
      }
      if (!closed && (events.readable() || events.hangup())) {
        // After the queue is empty a read takes the error that was left on the socket itself.
        host.datagrams().read(socket, this);
      }
    }

    @Override
    public void datagram(Frame payload, InetName sender, int ttl) {
      // What came between the socket's birth and its connecting may be anybody's.
      if (closed || !sender.is(destination.hi(), destination.lo(), port)) {
        payload.release();
      } else {
        listener.received(payload, host.now());
      }
    }

    @Override
    public void failed(HostFailure failure) {
      if (!closed) {
        listener.failed(failure, host.now());
      }
    }

    @Override
    public int descriptor() {
      return socket.number();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        watch.close();
        socket.close();
      }
    }
  }
}
