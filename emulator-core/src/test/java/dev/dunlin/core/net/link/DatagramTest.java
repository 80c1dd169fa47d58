package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.NoLeaks;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Datagram links on this host's loopback. */
@NoLeaks
@Timeout(60)
class DatagramTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir Path temp;

  private static byte[] frame(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static int freePort() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(0, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  private static void send(DatagramSocket from, byte[] frame, int port) throws Exception {
    from.send(new DatagramPacket(frame, frame.length, LOOPBACK, port));
  }

  private static byte[] receive(DatagramSocket on) throws Exception {
    on.setSoTimeout(30_000);
    DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
    on.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  @Test
  void each_datagram_is_a_frame_over_udp_and_over_unix_sockets_between_two_hubs() throws Exception {
    int near = freePort();
    String one = temp.resolve("one").toString();
    String two = temp.resolve("two").toString();
    int last = freePort();
    try (DatagramSocket first = new DatagramSocket(0, LOOPBACK);
        DatagramSocket other = new DatagramSocket(0, LOOPBACK);
        RunningNetworks networks =
            RunningNetworks.start(
                "-netdev dgram,id=u,local.type=inet,local.host=127.0.0.1,local.port="
                    + near
                    + ",remote.type=inet,remote.host=127.0.0.1,remote.port="
                    + first.getLocalPort(),
                "-netdev dgram,id=x,local.type=unix,local.path="
                    + one
                    + ",remote.type=unix,remote.path="
                    + two,
                "-netdev dgram,id=y,local.type=unix,local.path="
                    + two
                    + ",remote.type=unix,remote.path="
                    + one,
                "-netdev socket,id=s,localaddr=127.0.0.1:"
                    + last
                    + ",udp=127.0.0.1:"
                    + other.getLocalPort(),
                "-netdev hubport,id=pu,hubid=0,netdev=u -netdev hubport,id=px,hubid=0,netdev=x",
                "-netdev hubport,id=py,hubid=1,netdev=y -netdev hubport,id=ps,hubid=1,netdev=s")) {
      for (int length : new int[] {1, 60, 1514, 1889, 9014, 65_507}) {
        send(first, frame(length), near);
        assertArrayEquals(frame(length), receive(other), "length " + length);
        send(other, frame(length), last);
        assertArrayEquals(frame(length), receive(first), "length " + length);
      }
      // An empty datagram is no frame, and nothing stops for it.
      send(first, new byte[0], near);
      send(first, frame(99), near);
      assertArrayEquals(frame(99), receive(other));
      assertEquals(
          "u: index=0,type=dgram,udp=127.0.0.1:" + near + "/127.0.0.1:" + first.getLocalPort(),
          networks
              .info()
              .lines()
              .filter(l -> l.contains("u: index"))
              .findFirst()
              .orElse("")
              .trim()
              .replaceFirst("^.*(u: index)", "$1"));
    }
    assertArrayEquals(new String[0], temp.toFile().list(), "the sockets' files are gone");
  }

  /**
   * A unix socket takes ten datagrams (net.unix.max_dgram_qlen); the fragments of one are forty.
   */
  @Test
  void a_burst_waits_for_room_in_a_unix_socket() throws Exception {
    int near = freePort();
    int last = freePort();
    String pair =
        "-netdev dgram,id=%s,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s";
    Path one = temp.resolve("one");
    Path two = temp.resolve("two");
    String udp = "-netdev socket,id=%s,localaddr=127.0.0.1:%d,udp=127.0.0.1:%d";
    try (DatagramSocket first = new DatagramSocket(0, LOOPBACK);
        DatagramSocket other = new DatagramSocket(0, LOOPBACK);
        RunningNetworks networks =
            RunningNetworks.start(
                udp.formatted("u", near, first.getLocalPort()),
                pair.formatted("x", one, two),
                pair.formatted("y", two, one),
                udp.formatted("s", last, other.getLocalPort()),
                "-netdev hubport,id=pu,hubid=0,netdev=u -netdev hubport,id=px,hubid=0,netdev=x",
                "-netdev hubport,id=py,hubid=1,netdev=y -netdev hubport,id=ps,hubid=1,netdev=s")) {
      for (int length = 1; length <= 100; length++) {
        send(first, frame(length), near);
      }
      for (int length = 1; length <= 100; length++) {
        assertArrayEquals(frame(length), receive(other), "length " + length);
      }
      assertTrue(networks.info().contains("x: index=0,type=dgram"), networks.info());
    }
  }

  @Test
  void members_of_a_multicast_group_hear_each_other() throws Exception {
    int port = freePort();
    String group = "mcast=230.3.2.1:" + port + ",localaddr=127.0.0.1";
    int a = freePort();
    try (DatagramSocket first = new DatagramSocket(0, LOOPBACK);
        RunningNetworks networks =
            RunningNetworks.start(
                "-netdev socket,id=m," + group,
                "-netdev socket,id=n," + group,
                "-netdev socket,id=u,localaddr=127.0.0.1:"
                    + a
                    + ",udp=127.0.0.1:"
                    + first.getLocalPort(),
                "-netdev hubport,id=pm,hubid=0,netdev=m -netdev hubport,id=pu,hubid=0,netdev=u")) {
      networks.qmp().human("netdev_add hubport,id=pn,hubid=1,netdev=n");
      // What u sends goes to the group; m is told of its own words by the kernel, as in QEMU.
      send(first, frame(77), a);
      assertArrayEquals(frame(77), receive(first));
    }
  }
}
