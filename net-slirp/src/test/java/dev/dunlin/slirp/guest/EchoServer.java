package dev.dunlin.slirp.guest;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;

/** A UDP server on a thread of its own: answers each datagram with what a function makes of it. */
final class EchoServer implements AutoCloseable {
  private final DatagramSocket socket;
  private final Thread thread;

  private EchoServer(DatagramSocket socket, UnaryOperator<byte[]> answer) {
    this.socket = socket;
    this.thread = new Thread(() -> serve(answer), "udp server");
  }

  static EchoServer start(Namespace in, String address, int port, UnaryOperator<byte[]> answer) {
    DatagramSocket socket =
        in.call(
            () -> new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), port)));
    EchoServer server = new EchoServer(socket, answer);
    server.thread.start();
    return server;
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve(UnaryOperator<byte[]> answer) {
    byte[] buffer = new byte[65_536];
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        byte[] reply = answer.apply(java.util.Arrays.copyOf(buffer, packet.getLength()));
        socket.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      // The end.
    }
  }

  @Override
  public void close() throws InterruptedException {
    socket.close();
    thread.join();
  }
}
