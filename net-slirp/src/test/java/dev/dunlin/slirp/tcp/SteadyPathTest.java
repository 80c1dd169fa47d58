package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.TcpOptions;
import dev.dunlin.slirp.wire.TcpView;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a connection costs: nothing while text flows, little while it idles. */
final class SteadyPathTest {
  private static final int ROUNDS = 20_000;
  private static final int TEXT = 1000;
  private static final int GUEST_INITIAL = 5000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final TcpView seen = new TcpView();
  private final TcpStack stack =
      new TcpStack(TcpConfig.standard(), 1500, this::connect, this::toGuest);
  private long toGuest;
  private long toHost;
  private int ourNext;
  private int guestNext = GUEST_INITIAL;
  private TcpHost.@Nullable Listener listener;
  private int toRead;
  private final byte[] text = new byte[TEXT];

  private Optional<TcpHost> connect(
      IpAddr guest, int from, IpAddr to, int port, TcpHost.Listener heard, long now) {
    listener = heard;
    heard.connected(now);
    return Optional.of(new Stream());
  }

  /** Takes everything; has as much as it's given. */
  private final class Stream implements TcpHost {
    @Override
    public int write(ByteBuffer data, long now) {
      toHost += data.remaining();
      return data.remaining();
    }

    @Override
    public int read(ByteBuffer into, long now) {
      int count = Math.min(toRead, into.remaining());
      toRead -= count;
      return count;
    }

    @Override
    public void wantRead(boolean wanted) {}

    @Override
    public void shutdownOutput(long now) {}

    @Override
    public void reset(long now) {}

    @Override
    public void close(long now) {}
  }

  private void toGuest(Frame frame) {
    frame.completeChecksum();
    int at = frame.start() + EthernetView.LENGTH + Ipv4View.MIN_LENGTH;
    if (!seen.wrap(frame.bytes(), at, frame.end())) {
      throw new IllegalStateException("no TCP");
    }
    toGuest += seen.payloadLength();
    ourNext = seen.sequence() + seen.payloadLength() + (seen.has(TcpView.SYN) ? 1 : 0);
    frame.release();
  }

  private void guestSends(int flags, int length, int port, boolean syn) {
    Frame frame = stack.frame(TEXT);
    frame.bytes().put(frame.append(length), text, 0, length);
    int options = syn ? 8 : 0;
    TcpView.prepend(
        frame, port << 16 | 80, guestNext, ourNext, flags, syn ? 0xffff : 0x4000, options);
    if (syn) {
      int at = TcpOptions.putMss(frame.bytes(), frame.start() + TcpView.MIN_LENGTH, 1460);
      TcpOptions.putScale(frame.bytes(), at, 7);
    }
    TcpView.requestChecksum(frame, Packets.GUEST, Packets.OUTSIDE);
    Ipv4View.prepend(frame, 0, 1, 0, 64, IpProtocol.TCP, Packets.GUEST.v4(), Packets.OUTSIDE.v4());
    guestNext += length + (syn ? 1 : 0);
    stack.guest(frame);
  }

  private void open(int port) {
    guestNext = GUEST_INITIAL;
    guestSends(TcpView.SYN, 0, port, true);
    guestSends(TcpView.ACK, 0, port, false);
  }

  @Test
  void text_both_ways_allocates_nothing() {
    open(40_000);
    run();
    toHost = 0;
    toGuest = 0;
    long before = threads.getCurrentThreadAllocatedBytes();
    run();
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals((long) TEXT * ROUNDS, toHost);
    assertEquals(3L * TEXT * ROUNDS, toGuest);
    assertEquals(0, stack.drops.total());
    assertTrue(allocated < 4096, allocated + " bytes for " + 4 * ROUNDS + " segments");
    assertEquals(0, stack.engine.buffersInUse());
    stack.assertNothingLeaks();
  }

  private void run() {
    for (int i = 0; i < ROUNDS; i++) {
      stack.clock.advanceNanos(100_000);
      guestSends(TcpView.ACK, TEXT, 40_000, false);
      toRead = 3 * TEXT;
      TcpHost.Listener heard = listener;
      if (heard == null) {
        throw new IllegalStateException("not connected");
      }
      heard.readable(stack.now());
      guestSends(TcpView.ACK, 0, 40_000, false);
      if (stack.engine.delay(stack.now()) == 0) {
        stack.engine.onTime(stack.now());
      }
    }
  }

  /** Allocated bounds what is kept from above. */
  @Test
  void idle_connection_keeps_no_buffer_and_few_bytes() {
    open(30_000);
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int port = 30_001; port <= 31_000; port++) {
      open(port);
    }
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / 1000;
    assertEquals(1001, stack.engine.size());
    assertEquals(0, stack.engine.buffersInUse());
    assertTrue(each < 4096, each + " bytes a connection");
    stack.assertNothingLeaks();
  }
}
