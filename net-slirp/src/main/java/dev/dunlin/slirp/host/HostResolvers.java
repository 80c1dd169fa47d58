package dev.dunlin.slirp.host;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.Transfer;
import dev.dunlin.slirp.service.Resolver;
import dev.dunlin.slirp.service.ResolverTransport;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * Questions to the host's name servers. Over UDP each has a socket of its own, bound to a random
 * port and connected, so that the kernel itself lets nobody else answer (RFC 5452 section 9.2). On
 * the network's thread.
 */
public final class HostResolvers implements ResolverTransport {
  /** Random ports tried before the kernel may pick one. */
  private static final int MOST_PORTS = 8;

  private static final int FIRST_PORT = 1024;
  private static final int LONGEST = 65_535;

  private final HostLoop host;
  private final RandomGenerator random;

  /**
   * @param random nobody may guess it
   */
  public HostResolvers(HostLoop host, RandomGenerator random) {
    this.host = host;
    this.random = random;
  }

  @Override
  public Exchange udp(Resolver resolver, byte[] query, Listener listener) {
    try {
      return new UdpExchange(connected(resolver), query, listener);
    } catch (IOException e) {
      return refused(listener);
    }
  }

  @Override
  public Exchange tcp(Resolver resolver, byte[] query, Listener listener) {
    try {
      return new ResolverStream(host, named(resolver), query, listener);
    } catch (IOException e) {
      return refused(listener);
    }
  }

  /** No socket: told by the next turn, as whoever asks expects. */
  private Exchange refused(Listener listener) {
    boolean[] closed = new boolean[1];
    host.loop()
        .execute(
            () -> {
              if (!closed[0]) {
                listener.failed(host.now());
              }
            });
    return () -> closed[0] = true;
  }

  private DirectSocket connected(Resolver resolver) throws IOException {
    InetName name = named(resolver);
    DirectSocket socket = DirectSocket.udp(name);
    bindAtRandom(socket, resolver.address().isV4());
    if (socket.connect(name) != Transfer.MOVED) {
      socket.close();
      throw new IOException(resolver + " is out of reach");
    }
    return socket;
  }

  private void bindAtRandom(DirectSocket socket, boolean four) {
    IpAddr any = four ? IpAddr.ANY_V4 : IpAddr.ANY_V6;
    for (int i = 0; i < MOST_PORTS; i++) {
      int port = random.nextInt(FIRST_PORT, 0x10000);
      try {
        socket.bind(new InetName().set(any.hi(), any.lo(), port));
        return;
      } catch (PosixException taken) {
        // The next one; after the last the kernel picks at random, too, if from fewer.
      }
    }
  }

  private static InetName named(Resolver resolver) {
    IpAddr address = resolver.address();
    return new InetName().set(address.hi(), address.lo(), resolver.port(), scope(resolver.scope()));
  }

  /**
   * A zone is an interface's name or number (RFC 4007 section 11.2); 0 for none and unknown ones.
   */
  private static int scope(String zone) {
    if (zone.isEmpty()) {
      return 0;
    }
    try {
      NetworkInterface named = NetworkInterface.getByName(zone);
      return named == null ? Integer.parseInt(zone) : named.getIndex();
    } catch (SocketException | NumberFormatException e) {
      return 0;
    }
  }

  private final class UdpExchange implements Exchange, DatagramReader.Sink {
    private final DirectSocket socket;
    private final Listener listener;
    private final FdWatch watch;
    private boolean closed;

    UdpExchange(DirectSocket socket, byte[] query, Listener listener) {
      this.socket = socket;
      this.listener = listener;
      this.watch = host.loop().watch(socket.number(), FdEvents.READ, this::ready);
      ByteBuffer direct = ByteBuffer.allocateDirect(query.length).put(query).flip();
      if (socket.send(direct) == Transfer.FAILED) {
        host.loop().execute(this::fail);
      }
    }

    private void ready(FdEvents events) {
      if (events.hangup() && socket.takeError() != 0) {
        fail(); // refused: no name server there
      } else {
        host.datagrams().read(socket, this);
      }
    }

    private void fail() {
      if (!closed) {
        close();
        listener.failed(host.now());
      }
    }

    @Override
    public void datagram(Frame message, InetName sender, int ttl) {
      byte[] bytes = new byte[Math.min(message.length(), LONGEST)];
      message.bytes().get(message.start(), bytes);
      message.release();
      if (!closed) {
        listener.answered(bytes, host.now());
      }
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
