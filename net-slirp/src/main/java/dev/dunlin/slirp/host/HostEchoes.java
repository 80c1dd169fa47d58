package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.Transfer;
import dev.dunlin.slirp.icmp.EchoSocket;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.HostFailureException;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Echo ("ping") sockets of the host (icmp(7)): the kernel chooses the identifier, fills the
 * checksum in, and hands back the replies to this identifier only. On the network's thread.
 */
public final class HostEchoes implements EchoSocket.Factory {
  private static final int SEQUENCE = 6;

  private final HostLoop host;

  public HostEchoes(HostLoop host) {
    this.host = host;
  }

  @Override
  public EchoSocket open(IpAddr destination, EchoSocket.Listener listener) throws IOException {
    InetName name = host.name(destination, 0);
    DirectSocket socket = DirectSocket.echo();
    socket.setErrorQueue(name, true);
    socket.setReceiveTtl();
    if (socket.connect(name) != Transfer.MOVED) {
      int errno = socket.errno();
      socket.close();
      throw new HostFailureException(HostErrors.ofErrno(errno), Errno.describe(errno));
    }
    return new Echo(socket, destination, listener);
  }

  private final class Echo implements EchoSocket, DatagramReader.Sink, HostErrors.Sink {
    private final DirectSocket socket;
    private final IpAddr destination;
    private final Listener listener;
    private final FdWatch watch;
    private boolean closed;

    Echo(DirectSocket socket, IpAddr destination, Listener listener) {
      this.socket = socket;
      this.destination = destination;
      this.listener = listener;
      this.watch = host.loop().watch(socket.number(), FdEvents.READ, this::ready);
    }

    @Override
    public void send(int sequence, ByteBuffer data, int ttl) {
      if (closed) {
        return;
      }
      socket.setTtl(Math.max(1, ttl));
      if (transmit(sequence, data) == Transfer.FAILED) {
        // The failure of an earlier one: told, and this one goes out.
        host.drainErrors(socket, destination, this);
        if (!closed && transmit(sequence, data) == Transfer.FAILED) {
          failed(HostErrors.ofErrno(socket.errno()));
        }
      }
    }

    private Transfer transmit(int sequence, ByteBuffer data) {
      ByteBuffer head = host.outgoing().head();
      head.putInt(0, Icmpv4View.ECHO_REQUEST << 24).putShort(4, (short) 0);
      head.putShort(SEQUENCE, (short) sequence);
      return host.outgoing().sendAfterHead(socket, Icmpv4View.LENGTH, data);
    }

    private void ready(FdEvents events) {
      if (events.hangup()) {
        host.drainErrors(socket, destination, this);
      }
      if (!closed) {
        host.datagrams().read(socket, this);
      }
    }

    @Override
    public void datagram(Frame message, InetName sender, int ttl) {
      ByteBuffer bytes = message.bytes();
      int at = message.start();
      if (!closed && message.length() >= Icmpv4View.LENGTH && bytes.get(at) == 0) {
        int sequence = bytes.getShort(at + SEQUENCE) & 0xffff;
        ByteBuffer data =
            message.window(at + Icmpv4View.LENGTH, message.length() - Icmpv4View.LENGTH);
        listener.replied(sequence, data, ttl, host.now());
        message.endWindow();
      }
      message.release();
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
