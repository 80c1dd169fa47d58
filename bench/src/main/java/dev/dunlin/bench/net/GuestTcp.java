package dev.dunlin.bench.net;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a guest does with connections. */
final class GuestTcp {
  private static final int PING_BYTES = 64;

  private final List<SocketChannel> held = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PING_BYTES);

  /**
   * Connections that were opened, greeted and closed each second, {@code atOnce} under way at a
   * time. The server closes first, so that no port of the guest's waits in TIME_WAIT.
   */
  double connectsPerSecond(String address, long millis, int atOnce) throws IOException {
    InetSocketAddress server = new InetSocketAddress(address, Ports.GREETING);
    long start = System.nanoTime();
    long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    long done = 0;
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < atOnce; i++) {
        open(selector, server);
      }
      while (System.nanoTime() - start < nanos) {
        selector.select(nanos / 1_000_000);
        for (SelectionKey key : selector.selectedKeys()) {
          if (isOver(key)) {
            key.channel().close();
            done++;
            open(selector, server);
          }
        }
        selector.selectedKeys().clear();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      return done / seconds;
    }
  }

  private static void open(Selector selector, InetSocketAddress server) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    boolean connected = channel.connect(server);
    channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT);
  }

  private boolean isOver(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    if (key.isConnectable() && channel.finishConnect()) {
      key.interestOps(SelectionKey.OP_READ);
    }
    if (!channel.isConnected()) {
      return false;
    }
    int n = channel.read(buffer.clear());
    while (n > 0) {
      n = channel.read(buffer.clear());
    }
    return n < 0;
  }

  double pingMicros(String address, long millis) throws IOException {
    try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(address, Ports.ECHO))) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return Latencies.over(millis, () -> ping(channel));
    }
  }

  private void ping(SocketChannel channel) throws IOException {
    buffer.clear();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the echo ended");
      }
    }
  }

  /** Opens connections that then do nothing; how many are open. */
  double hold(String address, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      held.add(SocketChannel.open(new InetSocketAddress(address, Ports.KEEPING)));
    }
    return held.size();
  }

  double release() throws IOException {
    for (SocketChannel channel : held) {
      channel.close();
    }
    held.clear();
    return 0;
  }
}
