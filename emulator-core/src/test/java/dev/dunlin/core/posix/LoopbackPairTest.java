package dev.dunlin.core.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

@NoLeaks
final class LoopbackPairTest {
  @Test
  void what_goes_in_at_one_end_comes_out_at_the_other() throws Exception {
    try (LoopbackPair pair = LoopbackPair.open()) {
      assertEquals(pair.ours().localName(), pair.theirs().peerName());
      assertEquals(pair.theirs().localName(), pair.ours().peerName());
      assertTrue(pair.ours().fd().isNonBlocking());
      assertFalse(pair.theirs().fd().isNonBlocking());
      pair.theirs().send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertTrue(pair.ours().fd().await(FdEvents.READ, 1_000_000_000));
      ByteBuffer got = ByteBuffer.allocate(8);
      pair.ours().receive(got, fds -> {});
      assertEquals(3, got.position());
    }
  }

  @Test
  void a_child_gets_it_as_an_inet_socket_on_its_standard_input() throws Exception {
    try (LoopbackPair pair = LoopbackPair.open()) {
      int end = pair.theirs().number();
      SpawnRequest request =
          SpawnRequest.of("sh", "-c", "read word; echo \"$word too\"")
              .withFds(end, end, SpawnRequest.DEV_NULL);
      try (PidFd child = Spawner.spawn(request)) {
        pair.theirs().close();
        pair.ours().send(ByteBuffer.wrap("this\n".getBytes()));
        assertTrue(child.awaitEnd(10_000_000_000L));
        assertEquals(List.of(new WaitStatus.Exited(0)), List.of(child.collect()));
        ByteBuffer got = ByteBuffer.allocate(20);
        pair.ours().receive(got, fds -> {});
        assertEquals("this too\n", new String(got.array(), 0, got.position()));
      }
    }
  }
}
