package dev.dunlin.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.Frame;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TcpHeaderTest {
  private static final IpAddr A = IpAddr.parse("10.0.2.15");
  private static final IpAddr B = IpAddr.parse("192.0.2.1");

  @Test
  void what_is_emitted_is_parsed() {
    Frame frame = Frame.unpooled(200);
    frame.append(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    int options = 4 + 4 + 4 + 12;
    TcpView.prepend(frame, 0xfffe_0050, 0xdeadbeef, 0x12345678, 0x12, 0xabcd, options);
    ByteBuffer bytes = frame.bytes();
    int at = TcpOptions.putMss(bytes, frame.start() + TcpView.MIN_LENGTH, 1460);
    at = TcpOptions.putScale(bytes, at, 7);
    at = TcpOptions.putSackPermitted(bytes, at);
    TcpOptions.putTimestamps(bytes, at, -5, 77);
    TcpView.requestChecksum(frame, A, B);
    frame.completeChecksum();
    TcpView view = new TcpView();
    assertTrue(view.wrap(bytes, frame.start(), frame.end()));
    assertTrue(view.checksumValid(A, B));
    assertFalse(view.checksumValid(A, A));
    assertEquals(0xfffe, view.sourcePort());
    assertEquals(80, view.destinationPort());
    assertEquals(0xdeadbeef, view.sequence());
    assertEquals(0x12345678, view.acknowledgment());
    assertEquals(0xabcd, view.window());
    assertTrue(view.has(TcpView.SYN) && view.has(TcpView.ACK) && !view.has(TcpView.FIN));
    assertEquals(3, view.payloadLength());
    TcpOptions parsed = new TcpOptions();
    assertTrue(parsed.parse(view));
    assertEquals(1460, parsed.mss());
    assertEquals(7, parsed.shift());
    assertTrue(parsed.sackPermitted());
    assertEquals(-5, parsed.timestamp());
    assertEquals(77, parsed.timestampEcho());
  }

  @Test
  void sack_blocks_round_trip() {
    Frame frame = Frame.unpooled(200);
    TcpView.prepend(frame, 1, 2, 3, TcpView.ACK, 4, TcpOptions.sackLength(4));
    int at = TcpOptions.putSackHead(frame.bytes(), frame.start() + TcpView.MIN_LENGTH, 4);
    for (int i = 0; i < 8; i++) {
      frame.bytes().putInt(at + 4 * i, i * 100);
    }
    TcpView view = new TcpView();
    assertTrue(view.wrap(frame.bytes(), frame.start(), frame.end()));
    TcpOptions parsed = new TcpOptions();
    assertTrue(parsed.parse(view));
    assertEquals(4, parsed.sackBlocks());
    assertEquals(600, parsed.sackLeft(3));
    assertEquals(700, parsed.sackRight(3));
  }

  @Test
  void header_shorter_than_twenty_or_longer_than_the_segment_is_refused() {
    ByteBuffer bytes = ByteBuffer.allocate(40);
    TcpView view = new TcpView();
    for (int words = 0; words < 16; words++) {
      bytes.put(12, (byte) (words << 4));
      assertEquals(words >= 5 && words <= 10, view.wrap(bytes, 0, 40), words + " words");
    }
    bytes.put(12, (byte) 0x50);
    assertFalse(view.wrap(bytes, 0, 19));
    assertTrue(view.wrap(bytes, 0, 20));
  }

  @Test
  void shift_beyond_fourteen_is_fourteen() {
    Frame frame = Frame.unpooled(100);
    TcpView.prepend(frame, 1, 2, 3, TcpView.SYN, 4, 4);
    TcpOptions.putScale(frame.bytes(), frame.start() + TcpView.MIN_LENGTH, 200);
    TcpView view = new TcpView();
    assertTrue(view.wrap(frame.bytes(), frame.start(), frame.end()));
    TcpOptions parsed = new TcpOptions();
    assertTrue(parsed.parse(view));
    assertEquals(14, parsed.shift());
  }

  @Test
  void random_headers_never_throw() {
    SplittableRandom random = new SplittableRandom(4);
    byte[] raw = new byte[80];
    TcpView view = new TcpView();
    TcpOptions options = new TcpOptions();
    int parsed = 0;
    for (int i = 0; i < 200_000; i++) {
      random.nextBytes(raw);
      if (view.wrap(ByteBuffer.wrap(raw), 0, random.nextInt(81)) && options.parse(view)) {
        parsed++;
        assertTrue(options.sackBlocks() <= TcpOptions.MOST_SACK_BLOCKS);
      }
    }
    assertTrue(parsed > 1000, parsed + " parsed");
  }

  @Test
  void sequence_numbers_compare_on_a_circle() {
    assertTrue(SeqNum.before(-1, 0));
    assertTrue(SeqNum.after(Integer.MIN_VALUE, Integer.MAX_VALUE));
    assertTrue(SeqNum.upTo(5, 5));
    assertEquals(3, SeqNum.max(-2, 3));
    assertEquals(-2, SeqNum.min(-2, 3));
    assertTrue(SeqNum.within(1, -3, 10));
    assertFalse(SeqNum.within(7, -3, 10));
    assertFalse(SeqNum.within(-3, -3, 0));
  }
}
