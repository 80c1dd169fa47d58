package dev.dunlin.bench.net;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;

/** What a guest does with datagrams. */
final class GuestUdp {
  private static final int PING_BYTES = 64;

  /** A lost one is asked again after this; so long a wait is in no median. */
  private static final int LOST_MILLIS = 200;

  double pingMicros(String address, long millis) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(LOST_MILLIS);
      socket.connect(new InetSocketAddress(address, Ports.ECHO));
      DatagramPacket packet = new DatagramPacket(new byte[PING_BYTES], PING_BYTES);
      return Latencies.over(millis, () -> exchange(socket, packet));
    }
  }

  private static void exchange(DatagramSocket socket, DatagramPacket packet) throws IOException {
    socket.send(packet);
    try {
      socket.receive(packet);
    } catch (SocketTimeoutException lost) {
      return;
    }
  }

  /** Datagrams sent each second; the host's sink knows how many arrived. */
  double flood(String address, int tag, int size, long millis) throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(new InetSocketAddress(address, Ports.SINK));
      long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
      return Datagrams.flood(tag, size, nanos, channel::write) * 1e3 / millis;
    }
  }

  /** Has the host flood us: datagrams received each second. */
  double fetch(String address, int tag, int size, long millis) throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(new InetSocketAddress(address, Ports.SOURCE));
      UdpSink sink = new UdpSink();
      sink.watch(tag, millis);
      sink.start(channel);
      channel.write(ByteBuffer.allocate(12).putInt(tag).putInt(size).putInt((int) millis).flip());
      return sink.seenPerSecond();
    }
  }

  /** One datagram from each of so many ports: a new flow every time. */
  double spray(String address, int flows) throws IOException {
    ByteBuffer datagram = ByteBuffer.allocateDirect(PING_BYTES);
    InetSocketAddress sink = new InetSocketAddress(address, Ports.SINK);
    for (int i = 0; i < flows; i++) {
      try (DatagramChannel channel = DatagramChannel.open()) {
        channel.send(datagram.clear(), sink);
      }
    }
    return flows;
  }
}
