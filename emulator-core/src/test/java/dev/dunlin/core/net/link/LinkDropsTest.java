package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.NicPort;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of frames that go no further: they are counted, and the monitors show it. */
@NoLeaks
@Timeout(120)
final class LinkDropsTest {
  @TempDir Path temp;

  private RunningNetworks start(NicPort card) throws Exception {
    return RunningNetworks.startWith(
        List.of(card), "-netdev stream,id=s,server=on,addr.type=unix,addr.path=" + path());
  }

  private Path path() {
    return temp.resolve("wire");
  }

  /** The client of this name, as the machine monitor has it. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> client(RunningNetworks networks, String name) {
    return ((List<Map<String, Object>>) networks.qmp().execute("x-query-network"))
        .stream().filter(client -> name.equals(client.get("name"))).findFirst().orElseThrow();
  }

  private static List<Map<String, Object>> dropped(String reason, long count) {
    return List.of(Map.of("reason", reason, "count", count));
  }

  @Test
  void frames_for_a_wire_without_a_peer_are_counted_where_they_end() throws Exception {
    NicPort card = NicPort.builder().netdev("s").model("card").build();
    try (RunningNetworks networks = start(card)) {
      assertFalse(networks.info().contains("dropped"), "nothing yet");
      assertEquals(List.of(), client(networks, "s").get("drops"));
      for (int i = 0; i < 3; i++) {
        assertTrue(card.fromGuest(new byte[60], 0, 60));
      }
      networks.awaitInfo("\ndropped: no-peer=3\n");
      assertEquals(dropped("no-peer", 3), client(networks, "s").get("drops"));
      assertEquals("card.0", client(networks, "s").get("peer"));
      assertEquals("stream", client(networks, "s").get("type"));
    }
  }

  @Test
  void a_link_that_is_down_counts_what_its_sender_lost() throws Exception {
    NicPort card = NicPort.builder().netdev("s").model("card").build();
    try (RunningNetworks networks = start(card)) {
      networks.qmp().execute("set_link", Map.of("name", "card.0", "up", false));
      assertEquals(false, client(networks, "card.0").get("link-up"));
      // The network's thread hears of it after the monitor's answer: until then it's no-peer.
      Await.until(
          "a frame that the link lost",
          () -> {
            card.fromGuest(new byte[60], 0, 60);
            return networks.info().contains("link-down=");
          });
      networks.qmp().execute("set_link", Map.of("name", "card.0", "up", true));
      assertEquals(true, client(networks, "card.0").get("link-up"));
    }
  }

  @Test
  void a_slow_peer_and_a_card_that_cannot_count_what_they_lost() throws Exception {
    NicPort card = NicPort.builder().netdev("s").model("card").build();
    try (RunningNetworks networks = start(card);
        SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      peer.connect(UnixDomainSocketAddress.of(path()));
      networks.awaitInfo("stream,unix:");
      card.fromGuest(new byte[10], 0, 10);
      peer.write(ByteBuffer.allocate(4 + 2000).putInt(0, 2000));
      Await.until("it came", () -> card.droppedToGuest() == 1);
      networks.awaitInfo("\ndropped: from-guest.malformed=1,to-guest.too-long=1\n");
      // The peer reads nothing: a kernel's buffer, then ours, then no room.
      byte[] large = new byte[60_000];
      Await.until(
          "no room",
          () -> {
            card.fromGuest(large, 0, large.length);
            return networks.info().contains("\ndropped: no-room=");
          });
    }
  }
}
