package dev.dunlin.slirp.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.PcapTap;
import dev.dunlin.slirp.testing.ManualClock;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.UdpView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PcapTapTest {
  private final ManualClock clock = new ManualClock();
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  private ByteBuffer written() {
    return ByteBuffer.wrap(file.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void file_header_and_records_are_classic_pcap_with_nanoseconds() {
    try (PcapTap tap = new PcapTap(Channels.newChannel(file), clock, 65_535)) {
      Frame frame = Packets.udp(Packets.GUEST, 1, Packets.GATEWAY, 2, (byte) 3);
      tap.record(frame);
      clock.advance(Duration.ofNanos(1_500_000_007));
      tap.record(frame);
      ByteBuffer pcap = written();
      assertEquals(0xa1b23c4d, pcap.getInt(0));
      assertEquals(65_535, pcap.getInt(16));
      assertEquals(1, pcap.getInt(20));
      assertEquals(1_800_000_000, pcap.getInt(24));
      assertEquals(0, pcap.getInt(28));
      assertEquals(frame.length(), pcap.getInt(32));
      int second = 24 + 16 + frame.length();
      assertEquals(1_800_000_001, pcap.getInt(second));
      assertEquals(500_000_007, pcap.getInt(second + 4));
      byte[] kept = new byte[frame.length()];
      pcap.get(40, kept);
      assertArrayEquals(frame.toByteArray(), kept);
    }
  }

  @Test
  void long_frames_are_cut_and_say_so() {
    try (PcapTap tap = new PcapTap(Channels.newChannel(file), clock, 50)) {
      tap.record(Packets.of(new byte[100]));
    }
    assertEquals(24 + 16 + 50, file.size());
    assertEquals(50, written().getInt(32));
    assertEquals(100, written().getInt(36));
  }

  @Test
  void checksum_left_to_offload_is_filled_in_on_the_copy_only() {
    Frame frame = Packets.of(Packets.noise(40, 1));
    UdpView.prepend(frame, Packets.GATEWAY, 1, Packets.GUEST, 2);
    Packets.ethernet(Packets.ip(frame, 17, Packets.GATEWAY, Packets.GUEST, 64), 0x0800);
    byte[] before = frame.toByteArray();
    try (PcapTap tap = new PcapTap(Channels.newChannel(file), clock, 65_535)) {
      tap.record(frame);
    }
    assertTrue(frame.checksumNeeded());
    assertArrayEquals(before, frame.toByteArray());
    byte[] kept = new byte[frame.length()];
    written().get(40, kept);
    new dev.dunlin.slirp.testing.Parsed(kept).udp();
  }

  @Test
  void full_disk_ends_the_recording_and_not_the_traffic() {
    boolean[] closed = new boolean[1];
    WritableByteChannel full =
        new WritableByteChannel() {
          @Override
          public int write(ByteBuffer source) throws IOException {
            throw new IOException("No space left on device");
          }

          @Override
          public boolean isOpen() {
            return !closed[0];
          }

          @Override
          public void close() {
            closed[0] = true;
          }
        };
    int[] passed = new int[1];
    PcapTap tap = new PcapTap(full, clock, 65_535);
    tap.before(frame -> passed[0]++).send(Packets.of(new byte[60]));
    assertTrue(closed[0]);
    assertEquals(1, passed[0]);
    tap.close();
    assertFalse(full.isOpen());
  }
}
