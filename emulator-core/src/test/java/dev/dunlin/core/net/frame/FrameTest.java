package dev.dunlin.core.net.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FrameTest {
  private final FramePool pool = new FramePool(3, 2, false);

  private Frame taken(int size) {
    Frame frame = pool.take(size);
    assertNotNull(frame);
    return frame;
  }

  @Test
  void payload_first_then_headers_in_front_of_it() {
    Frame frame = taken(100);
    frame.append(ByteBuffer.wrap(new byte[] {5, 6, 7}));
    frame.bytes().put(frame.prepend(2), new byte[] {1, 2});
    assertArrayEquals(new byte[] {1, 2, 5, 6, 7}, frame.toByteArray());
  }

  @Test
  void room_is_checked_on_both_sides() {
    Frame frame = taken(100);
    assertThrows(IllegalStateException.class, () -> frame.prepend(Frame.HEAD_ROOM + 1));
    assertThrows(IllegalStateException.class, () -> frame.append(FramePool.SMALL + 1));
    assertThrows(IllegalStateException.class, () -> frame.setBounds(5, 4));
  }

  @Test
  void pool_is_bounded_and_says_no_at_the_bound() {
    List<Frame> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(taken(10));
    }
    assertNull(pool.take(10));
    assertEquals(1, pool.exhausted());
    assertEquals(5, pool.leased());
    all.forEach(Frame::release);
    assertEquals(0, pool.leased());
    assertNull(pool.take(FramePool.LARGE + 1));
  }

  @Test
  void released_frame_comes_back_clean() {
    Frame frame = taken(10);
    frame.append(20);
    frame.needChecksum(7, 6);
    frame.setGso(Frame.Gso.TCP_V4, 1460, 54);
    frame.release();
    Frame again = taken(10);
    assertSame(frame, again);
    assertEquals(0, again.length());
    assertEquals(Frame.HEAD_ROOM, again.start());
    assertEquals(Frame.Gso.NONE, again.gso());
    assertTrue(!again.checksumNeeded() && !again.checksumTrusted());
  }

  @Test
  void releasing_twice_is_a_bug_that_speaks() {
    Frame frame = taken(10);
    frame.release();
    assertThrows(IllegalStateException.class, frame::release);
    assertEquals(0, pool.leased());
  }

  @Test
  void partial_checksum_is_completed_once() {
    Frame frame = taken(10);
    frame.append(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 0, 0, 7, 8}));
    frame.needChecksum(frame.start(), 4);
    assertTrue(frame.checksumTrusted());
    frame.completeChecksum();
    assertTrue(Checksum.valid(0, frame.bytes(), frame.start(), 8));
    assertTrue(!frame.checksumNeeded());
  }
}
