package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A card that the test plays, and a peer at the other end of a datagram link. */
@NoLeaks
@Timeout(60)
class NicPortTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final byte[] frame = new byte[64];

  /** The network beyond a card: one UDP socket. */
  private static final class Beyond implements AutoCloseable {
    final DatagramSocket socket;
    final int port;

    Beyond() throws Exception {
      socket = new DatagramSocket(0, LOOPBACK);
      socket.setSoTimeout(30_000);
      try (DatagramSocket free = new DatagramSocket(0, LOOPBACK)) {
        port = free.getLocalPort();
      }
    }

    String option() {
      return "-netdev socket,id=n,localaddr=127.0.0.1:"
          + port
          + ",udp=127.0.0.1:"
          + socket.getLocalPort();
    }

    void send(int length) throws Exception {
      socket.send(new DatagramPacket(new byte[length], length, LOOPBACK, port));
    }

    byte[] receive() throws Exception {
      DatagramPacket packet = new DatagramPacket(new byte[70_000], 70_000);
      socket.receive(packet);
      return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  private static Frame awaitFrame(NicPort card) {
    return Await.value("a frame", () -> Optional.ofNullable(card.toGuest()));
  }

  @Test
  void frames_go_both_ways_and_an_empty_queue_is_null() throws Exception {
    NicPort card = NicPort.builder().netdev("n").model("ne2k_pci").build();
    AtomicInteger wakes = new AtomicInteger();
    card.onReadable(wakes::incrementAndGet);
    try (Beyond beyond = new Beyond();
        RunningNetworks networks = RunningNetworks.startWith(List.of(card), beyond.option())) {
      assertNull(card.toGuest());
      Arrays.fill(frame, (byte) 7);
      byte[] memory = new byte[200];
      System.arraycopy(frame, 0, memory, 100, 64);
      assertTrue(card.fromGuest(memory, 100, 64));
      Arrays.fill(memory, (byte) 0); // the card's buffer is its own again at once
      assertArrayEquals(frame, beyond.receive());
      assertTrue(card.fromGuest(ByteBuffer.wrap(frame), 0, 64));
      assertArrayEquals(frame, beyond.receive());
      beyond.send(90);
      Frame got = awaitFrame(card);
      assertEquals(90, got.length());
      got.release();
      assertTrue(wakes.get() > 0);
      assertNull(card.toGuest());
      assertTrue(
          networks.info().startsWith("ne2k_pci.0: index=0,type=nic,model=ne2k_pci,macaddr=52:54:"),
          networks.info());
    }
    assertFalse(card.fromGuest(frame, 0, 64), "unplugged");
  }

  @Test
  void nothing_a_guests_registers_say_throws() throws Exception {
    NicPort card = NicPort.builder().netdev("n").build();
    assertFalse(card.fromGuest(frame, 0, 64), "not plugged in yet");
    try (Beyond beyond = new Beyond();
        RunningNetworks networks = RunningNetworks.startWith(List.of(card), beyond.option())) {
      int[][] wild = {
        {-1, 64},
        {0, -1},
        {1, 64},
        {0, 65},
        {0, 13},
        {Integer.MAX_VALUE, 64},
        {0, Integer.MAX_VALUE},
        {Integer.MIN_VALUE, Integer.MIN_VALUE},
        {63, 14}
      };
      for (int[] where : wild) {
        assertFalse(card.fromGuest(frame, where[0], where[1]), Arrays.toString(where));
        assertFalse(card.fromGuest(ByteBuffer.wrap(frame), where[0], where[1]));
      }
      assertEquals(1 + 2 * wild.length, card.droppedFromGuest());
      // A header that speaks of places outside the frame: dropped on the other side.
      ByteBuffer lies = ByteBuffer.allocate(74);
      lies.put(0, (byte) 1).putShort(6, (short) 0xffff);
      assertTrue(card.fromGuestWithHeader(lies, 0, 74));
      Await.until("the lie is dropped", () -> card.droppedFromGuest() == 2 + 2 * wild.length);
      assertTrue(networks.info().contains("type=nic"));
    }
  }

  @Test
  void a_burst_ends_and_a_frame_without_room_comes_again_first() throws Exception {
    NicPort card = NicPort.builder().netdev("n").burst(2).build();
    try (Beyond beyond = new Beyond();
        RunningNetworks networks = RunningNetworks.startWith(List.of(card), beyond.option())) {
      for (int length = 60; length < 65; length++) {
        beyond.send(length);
      }
      assertEquals(60, awaitFrame(card).length());
      Frame second = awaitFrame(card);
      assertEquals(61, second.length());
      assertNull(card.toGuest(), "the burst is over");
      card.returnToGuest(second);
      assertEquals(61, awaitFrame(card).length());
      assertNull(card.toGuest());
      assertEquals(Long.MAX_VALUE, card.service());
      assertEquals(62, awaitFrame(card).length());
      assertTrue(networks.info().contains("type=nic"));
    }
  }

  @Test
  void a_card_without_offload_never_sees_a_frame_above_1514_bytes() throws Exception {
    NicPort card = NicPort.builder().netdev("n").build();
    try (Beyond beyond = new Beyond();
        RunningNetworks networks = RunningNetworks.startWith(List.of(card), beyond.option())) {
      beyond.send(1515);
      beyond.send(1514);
      assertEquals(1514, awaitFrame(card).length());
      assertEquals(1, card.droppedToGuest());
      assertTrue(networks.info().contains("type=nic"));
    }
  }

  /** One VMM asks three million times a second. */
  @Test
  void asking_an_empty_card_makes_no_object() throws Exception {
    NicPort card = NicPort.builder().netdev("n").build();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Beyond beyond = new Beyond();
        RunningNetworks networks = RunningNetworks.startWith(List.of(card), beyond.option())) {
      assertTrue(networks.info().contains("type=nic"));
      poll(card, 1000);
      long before = threads.getCurrentThreadAllocatedBytes();
      poll(card, 1_000_000);
      long made = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(made < 10_000, "bytes: " + made);
    }
  }

  private static void poll(NicPort card, int times) {
    for (int i = 0; i < times; i++) {
      assertNull(card.toGuest());
      card.service();
    }
  }

  @Test
  void a_guest_that_never_stops_costs_frames_and_not_memory() throws Exception {
    NicPort card = NicPort.builder().netdev("n").ownLoop().build();
    try (Beyond beyond = new Beyond();
        RunningNetworks networks = RunningNetworks.startWith(List.of(card), beyond.option())) {
      int accepted = 0;
      while (accepted < 100_000 && card.fromGuest(frame, 0, 64)) {
        accepted++;
      }
      assertTrue(accepted < 100_000, "the queue has a bound");
      assertTrue(networks.info().contains("type=nic"));
      card.service();
      assertArrayEquals(frame, beyond.receive());
    }
  }

  @Test
  void a_network_without_a_thread_does_nothing_until_it_is_serviced() throws Exception {
    NicPort card = NicPort.builder().netdev("n").ownLoop().build();
    try (Beyond beyond = new Beyond();
        RunningNetworks networks = RunningNetworks.startWith(List.of(card), beyond.option())) {
      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(thread -> thread.getName().startsWith("net ")));
      card.fromGuest(frame, 0, 64);
      card.service();
      assertArrayEquals(frame, beyond.receive());
      beyond.send(70);
      assertNull(card.toGuest());
      Frame got =
          Await.value(
              "a frame",
              () -> {
                assertTrue(card.service(1_000_000) > 0);
                return Optional.ofNullable(card.toGuest());
              });
      assertEquals(70, got.length());
      assertNotNull(networks.info());
    }
  }

  @Test
  void two_cards_on_a_hub_hear_each_other_without_a_backend() throws Exception {
    NicPort one = NicPort.builder().netdev("p").build();
    NicPort other = NicPort.builder().netdev("q").build();
    try (RunningNetworks networks =
        RunningNetworks.startWith(
            List.of(one, other), "-netdev hubport,id=p,hubid=0 -netdev hubport,id=q,hubid=0")) {
      one.fromGuest(frame, 0, 64);
      assertEquals(64, awaitFrame(other).length());
      other.fromGuest(frame, 0, 60);
      assertEquals(60, awaitFrame(one).length());
      networks.qmp().human("set_link q off");
      one.fromGuest(frame, 0, 64);
      networks.qmp().human("set_link q on");
      other.fromGuest(frame, 0, 61);
      assertEquals(61, awaitFrame(one).length());
      assertNull(other.toGuest());
    }
  }

  @Test
  void a_card_for_a_netdev_that_is_not_there_is_refused() {
    NicPort card = NicPort.builder().netdev("nope").build();
    assertEquals(
        "netdev 'nope' not found",
        assertThrows(
                OptionException.class,
                () -> RunningNetworks.startWith(List.of(card), "-nic none").close())
            .getMessage());
  }
}
