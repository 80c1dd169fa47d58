package dev.dunlin.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Takes any number of connections and throws away what comes, a thread each: the cheapest reader.
 * The stream of a migration goes one way only, with multifd too, so a sender notices nothing.
 */
final class Drain implements Receiver {
  private static final int PIECE = 256 * 1024;

  private final ServerSocketChannel listener;
  private final String uri;

  private Drain(ServerSocketChannel listener, String uri) {
    this.listener = listener;
    this.uri = uri;
    start(this::accept);
  }

  static Drain tcp() {
    try {
      ServerSocketChannel listener = ServerSocketChannel.open();
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketAddress bound = listener.getLocalAddress();
      return new Drain(listener, "tcp:127.0.0.1:" + ((InetSocketAddress) bound).getPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Drain unix(Path socket) {
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(socket));
      return new Drain(listener, "unix:" + socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String uri() {
    return uri;
  }

  private static void start(Runnable body) {
    Thread thread = new Thread(body, "drain");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = listener.accept();
        start(() -> readAll(connection));
      }
    } catch (ClosedChannelException over) {
      // The migration is.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readAll(SocketChannel connection) {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    try (connection) {
      while (connection.read(piece.clear()) >= 0) {
        // Nobody wants it.
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
