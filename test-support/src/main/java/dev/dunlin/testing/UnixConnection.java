package dev.dunlin.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection to a unix socket as two streams. Not through {@code Channels}: on JDK 17 its streams
 * share one lock, so that a write waits for a read in progress.
 */
public final class UnixConnection implements AutoCloseable {
  private final SocketChannel channel;

  private UnixConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /** Connects, waiting for a server that is just starting. */
  public static UnixConnection connect(Path socket) {
    return connect(socket, Await.GENEROUS);
  }

  public static UnixConnection connect(Path socket, Duration limit) {
    return Await.value("a server at " + socket, limit, () -> tryConnect(socket));
  }

  private static Optional<UnixConnection> tryConnect(Path socket) {
    try {
      return Optional.of(
          new UnixConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket))));
    } catch (IOException notYet) {
      return Optional.empty();
    }
  }

  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return channel.read(ByteBuffer.wrap(into, offset, length));
      }
    };
  }

  public OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(from, offset, length);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
      }
    };
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
