package dev.dunlin.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.udp.DatagramFlow;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.testing.NoLeaks;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A flow's datagrams make no objects on the network's thread, system calls and loop included. */
@NoLeaks
class HostAllocationTest implements DatagramFlow.Listener {
  private static final int ROUNDS = 5_000;

  private final ByteBuffer payload = ByteBuffer.allocateDirect(1000);
  private volatile long received;

  @Override
  public void received(Frame frame, long now) {
    received = received + 1;
    frame.release();
  }

  @Override
  public void failed(HostFailure failure, long now) {
    throw new AssertionError(failure);
  }

  @Test
  void datagrams_to_a_socket_and_back_make_no_objects() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (HostThread loop = HostThread.start();
        DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(20_000);
      int port = server.getLocalPort();
      DatagramFlow flow =
          loop.call(
              () ->
                  new HostDatagrams(loop.host)
                      .open(IpAddr.parse("10.0.2.15"), 5, IpAddr.LOOPBACK_V4, port, this));
      long thread = loop.call(() -> Thread.currentThread().getId());
      // One task each way, prepared: what is left is the loop, the socket and the frames.
      Runnable send = () -> flow.send(payload.clear(), 30, 0, false);
      exchange(loop, server, send, 1_000);
      long before = threads.getThreadAllocatedBytes(thread);
      exchange(loop, server, send, ROUNDS);
      long made = threads.getThreadAllocatedBytes(thread) - before;
      assertEquals(1_000 + ROUNDS, received);
      // A wake-up by another thread, as there is one here for each, makes an outcome of 16 bytes.
      assertTrue(made < 40L * ROUNDS, made + " bytes for " + ROUNDS + " rounds");
      loop.run(flow::close);
    }
  }

  private void exchange(HostThread loop, DatagramSocket server, Runnable send, int rounds)
      throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
    for (int i = 0; i < rounds; i++) {
      long expected = received + 1;
      loop.thread.execute(send);
      server.receive(packet);
      server.send(packet);
      while (received != expected) {
        Thread.onSpinWait();
      }
    }
  }
}
