package dev.dunlin.launcher.guest;

import dev.dunlin.testing.Await;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A TCP server on one port with one behaviour. It serves one connection after the other, and keeps
 * what each brought to light for the check that made it.
 */
final class TcpPeer implements AutoCloseable {
  private final int port;
  private final ServerSocket server;
  private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();

  /** What is done with a connection, which is closed after it; returns what was seen. */
  interface Behaviour {
    String serve(Socket guest) throws IOException;
  }

  private TcpPeer(int port, ServerSocket server) {
    this.port = port;
    this.server = server;
  }

  static TcpPeer start(int port, Behaviour behaviour) throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress("0.0.0.0", port));
    TcpPeer peer = new TcpPeer(port, server);
    Thread thread = new Thread(() -> peer.serve(behaviour), "peer-" + port);
    thread.setDaemon(true);
    thread.start();
    return peer;
  }

  private void serve(Behaviour behaviour) {
    while (!server.isClosed()) {
      try (Socket guest = server.accept()) {
        // A guest that stops in the middle costs one check and not the rest.
        guest.setSoTimeout(60_000);
        reports.add(behaviour.serve(guest));
      } catch (IOException e) {
        reports.add(String.valueOf(e.getMessage()));
      }
    }
  }

  int port() {
    return port;
  }

  /** Forgets earlier connections. */
  void forget() {
    reports.clear();
  }

  /** What the next connection to end brought to light. */
  String report() {
    return Await.value("a connection to " + port, () -> Optional.ofNullable(reports.poll()));
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
