package dev.dunlin.migration;

import dev.dunlin.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/** The other end of a unix or TCP migration, which reads exactly as much as the test says. */
final class TestPeer implements AutoCloseable {
  private final ServerSocketChannel server;
  private final String uri;
  private Optional<SocketChannel> connection = Optional.empty();
  private long read;

  private TestPeer(ServerSocketChannel server, String uri) {
    this.server = server;
    this.uri = uri;
  }

  static TestPeer unix(Path path, int queue) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path), queue);
    return new TestPeer(server, "unix:" + path);
  }

  static TestPeer tcp() throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return new TestPeer(
        server, "tcp:127.0.0.1:" + ((InetSocketAddress) server.getLocalAddress()).getPort());
  }

  static TestPeer of(String kind, Path directory) throws IOException {
    return kind.equals("unix") ? unix(directory.resolve("peer"), 1) : tcp();
  }

  String uri() {
    return uri;
  }

  SocketAddress address() throws IOException {
    return server.getLocalAddress();
  }

  TestPeer accept() throws IOException {
    server.configureBlocking(false);
    SocketChannel channel =
        Await.value("a connection to " + uri, () -> Optional.ofNullable(server.accept()));
    connection = Optional.of(channel);
    return this;
  }

  /** Reads so many bytes and no more: what is left is what a peer that goes throws away. */
  TestPeer read(long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    for (long end = read + bytes; read < end; ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - read));
      int count = connection.orElseThrow().read(buffer);
      if (count < 0) {
        throw new IOException("the stream ended after " + read + " bytes");
      }
      read += count;
    }
    return this;
  }

  /** Reads to the end of the stream and returns how many bytes it had. */
  long readAll() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    for (int count = 0; count >= 0; count = connection.orElseThrow().read(buffer.clear())) {
      read += count;
    }
    return read;
  }

  /** Reads into {@code file} until so many bytes have come in all, or to the stream's end. */
  TestPeer store(FileChannel file, long until) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    while (read < until) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), until - read));
      int count = connection.orElseThrow().read(buffer);
      if (count < 0) {
        break;
      }
      read += count;
      file.write(buffer.flip());
    }
    return this;
  }

  /** Goes away, with whatever it hasn't read. */
  void hangUp() throws IOException {
    connection.orElseThrow().close();
  }

  @Override
  public void close() throws IOException {
    if (connection.isPresent()) {
      connection.get().close();
    }
    server.close();
  }
}
