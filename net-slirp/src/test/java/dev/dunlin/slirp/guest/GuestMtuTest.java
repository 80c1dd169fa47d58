package dev.dunlin.slirp.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Guests whose kernels have another MTU than is usual, or than ours. */
@NoLeaks
@RequiresPeer({"ip", "sysctl"})
class GuestMtuTest {

  /** Its packets come uncut, ours in fragments: it worked under libslirp, which checks nothing. */
  @Test
  void a_guest_with_a_larger_mtu_is_understood() throws Exception {
    try (GuestLab lab = GuestLab.start("", List.of()).withAddress()) {
      assertEchoes(lab, 65_521, 1_473, 8_000, 60_000);
    }
  }

  @Test
  void a_guest_with_a_smaller_mtu_is_understood() throws Exception {
    try (GuestLab lab = GuestLab.start("mtu=9000", List.of()).withAddress()) {
      assertEchoes(lab, 1_400, 1_373, 8_000, 60_000);
    }
  }

  @Test
  void the_smallest_mtu_carries_datagrams_all_the_same() throws Exception {
    try (GuestLab lab = GuestLab.start("mtu=68", List.of()).withAddress()) {
      assertEchoes(lab, 68, 1, 40, 41, 1_000);
    }
  }

  private static void assertEchoes(GuestLab lab, int mtu, int... sizes) throws Exception {
    lab.guest.ip("link", "set", GuestLab.DEVICE, "mtu", "" + mtu);
    try (EchoServer echo = EchoServer.start(lab.host, "127.0.0.1", 0, UnaryOperator.identity());
        DatagramSocket client = lab.guest.call(() -> new DatagramSocket())) {
      client.setSoTimeout(60_000);
      for (int size : sizes) {
        byte[] sent = Packets.noise(size, size);
        client.send(new DatagramPacket(sent, size, new InetSocketAddress("10.0.2.2", echo.port())));
        DatagramPacket got = new DatagramPacket(new byte[65_536], 65_536);
        client.receive(got);
        assertArrayEquals(sent, Arrays.copyOf(got.getData(), got.getLength()), size + " bytes");
      }
    }
  }
}
