package dev.dunlin.core.net.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Fuzz;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class VnetHeaderTest {

  private static Frame segment(Frame.Gso gso) {
    byte[] noise = new byte[3000];
    new SplittableRandom(1).nextBytes(noise);
    Frame frame = Frame.copyOf(noise);
    frame.needChecksum(frame.start() + 34, 16);
    frame.setGso(gso, 1448, 66);
    return frame;
  }

  @Test
  void offload_metadata_round_trips() {
    for (Frame.Gso gso : new Frame.Gso[] {Frame.Gso.TCP_V4, Frame.Gso.TCP_V6}) {
      Frame frame = segment(gso);
      byte[] packet = frame.toByteArray();
      VnetHeader.prepend(frame);
      assertEquals(3010, frame.length());
      Frame back = Frame.copyOf(frame.toByteArray());
      assertTrue(VnetHeader.strip(back));
      assertArrayEquals(packet, back.toByteArray());
      assertEquals(gso, back.gso());
      assertEquals(1448, back.gsoSize());
      assertEquals(66, back.headerLength());
      assertTrue(back.checksumNeeded());
      assertEquals(34, back.checksumStart() - back.start());
      assertEquals(16, back.checksumOffset());
    }
  }

  @Test
  void header_is_little_endian_as_linux_writes_it() {
    Frame frame = segment(Frame.Gso.TCP_V4);
    VnetHeader.prepend(frame);
    byte[] header = java.util.Arrays.copyOf(frame.toByteArray(), 10);
    assertArrayEquals(new byte[] {1, 1, 66, 0, (byte) 0xa8, 5, 34, 0, 16, 0}, header);
  }

  @Test
  void plain_frame_has_an_empty_header_and_a_verified_one_says_so() {
    Frame plain = Frame.copyOf(new byte[60]);
    VnetHeader.prepend(plain);
    assertArrayEquals(new byte[70], plain.toByteArray());
    Frame verified = Frame.copyOf(new byte[60]);
    verified.setChecksumValid();
    VnetHeader.prepend(verified);
    Frame back = Frame.copyOf(verified.toByteArray());
    assertTrue(VnetHeader.strip(back));
    assertTrue(back.checksumTrusted() && !back.checksumNeeded());
  }

  @Test
  void places_outside_the_frame_and_offloads_never_negotiated_are_refused() {
    assertFalse(VnetHeader.strip(Frame.copyOf(new byte[9])));
    byte[] frame = new byte[70];
    frame[0] = 1;
    frame[6] = 50;
    frame[8] = 9;
    assertFalse(VnetHeader.strip(Frame.copyOf(frame)), "checksum field past the end");
    frame[8] = 8;
    assertTrue(VnetHeader.strip(Frame.copyOf(frame)));
    frame[1] = 3;
    frame[4] = 1;
    assertFalse(VnetHeader.strip(Frame.copyOf(frame)), "UDP fragmentation offload");
    frame[1] = 1;
    frame[4] = 0;
    assertFalse(VnetHeader.strip(Frame.copyOf(frame)), "segments of no size");
    frame[0] = 0;
    frame[4] = 1;
    assertFalse(VnetHeader.strip(Frame.copyOf(frame)), "segmentation without checksum");
    frame[0] = 1;
    frame[6] = 0;
    assertFalse(VnetHeader.strip(Frame.copyOf(frame)), "checksum from the Ethernet header on");
  }

  @Test
  void hostile_headers_never_throw() {
    Frame frame = segment(Frame.Gso.TCP_V4);
    VnetHeader.prepend(frame);
    Fuzz.hostile(
        1200,
        10_000,
        frame.toByteArray(),
        packet -> {
          Frame hostile = Frame.copyOf(packet);
          if (VnetHeader.strip(hostile)) {
            hostile.completeChecksum();
          }
        });
  }
}
