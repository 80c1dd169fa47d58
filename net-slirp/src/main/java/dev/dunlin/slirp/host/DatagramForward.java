package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.udp.UdpForward;
import dev.dunlin.slirp.wire.IpAddr;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** A UDP port of the host whose datagrams go to a port of the guest, and answers back. */
final class DatagramForward implements HostForward, UdpForward, DatagramReader.Sink {
  private final HostLoop host;
  private final ForwardSink sink;
  private final HostEndpoint endpoint;
  private final IpAddr guest;
  private final int guestPort;
  private final DirectSocket socket;
  private final FdWatch watch;
  private final InetName answered = new InetName();
  private final AtomicLong refused = new AtomicLong();
  private boolean closed;

  private DatagramForward(
      HostLoop host,
      ForwardSink sink,
      HostEndpoint endpoint,
      IpAddr guest,
      int guestPort,
      DirectSocket socket) {
    this.host = host;
    this.sink = sink;
    this.endpoint = endpoint;
    this.guest = guest;
    this.guestPort = guestPort;
    this.socket = socket;
    this.watch = host.loop().watch(socket.number(), FdEvents.READ, this::ready);
  }

  static DatagramForward open(
      HostLoop host, ForwardSink sink, InetSocketAddress wanted, IpAddr guest, int guestPort)
      throws PosixException {
    IpAddr address = IpAddr.of(wanted.getAddress());
    InetName name = new InetName().set(address.hi(), address.lo(), wanted.getPort());
    DirectSocket socket = DirectSocket.udp(name);
    try {
      if (!address.isV4()) {
        socket.setV6Only();
      }
      socket.bind(name);
      int port = socket.localName().port();
      HostEndpoint bound = new HostEndpoint.Udp(new InetSocketAddress(wanted.getAddress(), port));
      return new DatagramForward(host, sink, bound, guest, guestPort, socket);
    } catch (PosixException e) {
      socket.close();
      throw e;
    }
  }

  private void ready(FdEvents events) {
    host.datagrams().read(socket, this);
  }

  @Override
  public void datagram(Frame payload, InetName sender, int ttl) {
    IpAddr peer = IpAddr.of(sender.hi(), sender.lo());
    if (closed || !sink.datagram(payload, this, peer, sender.port())) {
      refused.incrementAndGet();
      payload.release();
    }
  }

  @Override
  public void reply(ByteBuffer payload, IpAddr peer, int peerPort) {
    if (!closed) {
      // A socket without room, or a peer that is gone: lost as datagrams are.
      host.outgoing().sendTo(socket, answered.set(peer.hi(), peer.lo(), peerPort), payload);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      sink.removed(this);
      watch.close();
      socket.close();
    }
  }

  @Override
  public HostEndpoint endpoint() {
    return endpoint;
  }

  @Override
  public IpAddr guest() {
    return guest;
  }

  @Override
  public int guestPort() {
    return guestPort;
  }

  @Override
  public long refused() {
    return refused.get();
  }

  @Override
  public int descriptor() {
    return socket.number();
  }

  @Override
  public String toString() {
    return endpoint + " to " + guest + ":" + guestPort;
  }
}
