package dev.dunlin.launcher.guest;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;

/** Sends every datagram back as it came. */
final class UdpEcho implements AutoCloseable {
  private static final int LARGEST = 65_535;

  private final DatagramSocket socket;

  private UdpEcho(DatagramSocket socket) {
    this.socket = socket;
  }

  static UdpEcho start(int port) throws IOException {
    UdpEcho echo = new UdpEcho(new DatagramSocket(new InetSocketAddress("0.0.0.0", port)));
    Thread thread = new Thread(echo::serve, "echo");
    thread.setDaemon(true);
    thread.start();
    return echo;
  }

  private void serve() {
    DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
    try {
      while (true) {
        packet.setLength(LARGEST);
        socket.receive(packet);
        socket.send(packet);
      }
    } catch (IOException closed) {
      // The socket is closed only when the trial is over.
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
