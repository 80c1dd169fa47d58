package dev.dunlin.slirp.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.icmp.EchoSocket;
import dev.dunlin.slirp.udp.DatagramFlow;
import dev.dunlin.slirp.wire.IpAddr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host's network as the protocol code sees it: sockets that remember what they were told. */
public final class FakeHost implements DatagramFlow.Factory, EchoSocket.Factory {
  public final List<Udp> udp = new ArrayList<>();
  public final List<Echo> echo = new ArrayList<>();
  public @Nullable IOException refusal;
  private final FramePool pool;

  public FakeHost(FramePool pool) {
    this.pool = pool;
  }

  @Override
  public DatagramFlow open(
      IpAddr guest, int guestPort, IpAddr destination, int port, DatagramFlow.Listener listener)
      throws IOException {
    refuse();
    Udp socket = new Udp(destination, port, listener);
    udp.add(socket);
    return socket;
  }

  @Override
  public EchoSocket open(IpAddr destination, EchoSocket.Listener listener) throws IOException {
    refuse();
    Echo socket = new Echo(destination, listener);
    echo.add(socket);
    return socket;
  }

  private void refuse() throws IOException {
    if (refusal != null) {
      throw refusal;
    }
  }

  public long openSockets() {
    return udp.stream().filter(socket -> !socket.closed).count()
        + echo.stream().filter(socket -> !socket.closed).count();
  }

  static byte[] copy(ByteBuffer data) {
    byte[] copy = new byte[data.remaining()];
    data.duplicate().get(copy);
    return copy;
  }

  /** A frame of the pool with the content, as a host socket would read it. */
  public Frame frame(byte... data) {
    Frame frame = pool.take(data.length + 64);
    assertNotNull(frame);
    frame.append(ByteBuffer.wrap(data));
    return frame;
  }

  /** A connected UDP socket. */
  public final class Udp implements DatagramFlow {
    public final IpAddr destination;
    public final int port;
    public final DatagramFlow.Listener listener;
    public final List<byte[]> sent = new ArrayList<>();
    public int lastTtl;
    public boolean closed;

    Udp(IpAddr destination, int port, DatagramFlow.Listener listener) {
      this.destination = destination;
      this.port = port;
      this.listener = listener;
    }

    @Override
    public void send(ByteBuffer payload, int ttl, int tos, boolean dontFragment) {
      assertEquals(false, closed, "sent to a closed socket");
      sent.add(copy(payload));
      lastTtl = ttl;
    }

    @Override
    public int descriptor() {
      return 7;
    }

    @Override
    public void close() {
      closed = true;
    }

    public void receive(long now, byte... data) {
      listener.received(frame(data), now);
    }
  }

  /** A ping socket. */
  public static final class Echo implements EchoSocket {
    public final IpAddr destination;
    public final EchoSocket.Listener listener;
    public final List<byte[]> sent = new ArrayList<>();
    public int lastTtl;
    public boolean closed;

    Echo(IpAddr destination, EchoSocket.Listener listener) {
      this.destination = destination;
      this.listener = listener;
    }

    @Override
    public void send(int sequence, ByteBuffer data, int ttl) {
      sent.add(copy(data));
      lastTtl = ttl;
    }

    @Override
    public int descriptor() {
      return 7;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
