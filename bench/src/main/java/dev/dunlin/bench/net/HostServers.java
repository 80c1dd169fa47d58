package dev.dunlin.bench.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** The servers on the host's loopback that guests talk to, a daemon thread each. */
final class HostServers {
  private static final int BACKLOG = 1024;
  private static final int LARGEST_DATAGRAM = 65_507;

  private HostServers() {}

  static void start() throws IOException {
    ServerSocketChannel greeting = listen(Ports.GREETING);
    ServerSocketChannel echo = listen(Ports.ECHO);
    ServerSocketChannel keeping = listen(Ports.KEEPING);
    DatagramChannel datagramEcho = bind(Ports.ECHO);
    DatagramChannel source = bind(Ports.SOURCE);
    thread("greeting", () -> greet(greeting));
    thread("echo", () -> acceptEcho(echo));
    thread("keeping", () -> keep(keeping));
    thread("datagram echo", () -> echoDatagrams(datagramEcho));
    thread("datagram source", () -> serveFloods(source));
  }

  /** Ends with an exception only when its server is broken, which its clients then see. */
  interface Loop {
    void run() throws IOException;
  }

  static void thread(String name, Loop loop) {
    Thread thread =
        new Thread(
            () -> {
              try {
                loop.run();
              } catch (IOException e) {
                System.err.println(name + ": " + e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  static DatagramChannel bind(int port) throws IOException {
    return DatagramChannel.open().bind(new InetSocketAddress(port));
  }

  private static ServerSocketChannel listen(int port) throws IOException {
    return ServerSocketChannel.open().bind(new InetSocketAddress(port), BACKLOG);
  }

  private static void greet(ServerSocketChannel server) throws IOException {
    ByteBuffer word = ByteBuffer.allocateDirect(1);
    while (true) {
      SocketChannel client = server.accept();
      try (client) {
        client.write(word.clear());
      } catch (IOException itsClientLeft) {
        continue;
      }
    }
  }

  private static void acceptEcho(ServerSocketChannel server) throws IOException {
    while (true) {
      SocketChannel client = server.accept();
      thread("echo of one", () -> echo(client));
    }
  }

  private static void echo(SocketChannel client) throws IOException {
    try (client) {
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
      while (client.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          client.write(buffer);
        }
      }
    }
  }

  private static void keep(ServerSocketChannel server) throws IOException {
    Selector selector = Selector.open();
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    ByteBuffer nothing = ByteBuffer.allocateDirect(16);
    while (true) {
      selector.select(
          key -> {
            try {
              acceptOrDrop(key, nothing);
            } catch (IOException reset) {
              key.cancel();
            }
          });
    }
  }

  private static void acceptOrDrop(SelectionKey key, ByteBuffer nothing) throws IOException {
    if (key.channel() instanceof ServerSocketChannel server) {
      SocketChannel client = server.accept();
      client.configureBlocking(false);
      client.register(key.selector(), SelectionKey.OP_READ);
    } else if (key.channel() instanceof SocketChannel client && client.read(nothing.clear()) < 0) {
      client.close();
    }
  }

  private static void echoDatagrams(DatagramChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST_DATAGRAM);
    while (true) {
      SocketAddress from = channel.receive(buffer.clear());
      channel.send(buffer.flip(), from);
    }
  }

  private static void serveFloods(DatagramChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST_DATAGRAM);
    while (true) {
      SocketAddress from = channel.receive(buffer.clear());
      buffer.flip();
      int tag = buffer.getInt();
      int size = buffer.getInt();
      long nanos = TimeUnit.MILLISECONDS.toNanos(buffer.getInt());
      Datagrams.flood(tag, size, nanos, datagram -> channel.send(datagram, from));
    }
  }
}
