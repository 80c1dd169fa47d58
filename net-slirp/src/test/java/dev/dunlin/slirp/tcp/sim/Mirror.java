package dev.dunlin.slirp.tcp.sim;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.tcp.Opener;
import dev.dunlin.slirp.tcp.Opening;
import dev.dunlin.slirp.tcp.TcpConfig;
import dev.dunlin.slirp.tcp.TcpHost;
import dev.dunlin.slirp.tcp.TcpStack;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/** Two engines, each the other's guest: both send, both repair, both close. */
final class Mirror {
  private static final long TURN = 200_000;
  private static final long LONGEST = Duration.ofHours(1).toNanos();
  private static final int LEFT_PORT = 40_000;
  private static final int RIGHT_PORT = 80;

  private record Delivery(long time, long order, byte[] packet, boolean toLeft)
      implements Comparable<Delivery> {
    @Override
    public int compareTo(Delivery other) {
      return time != other.time ? Long.compare(time, other.time) : Long.compare(order, other.order);
    }
  }

  private final SplittableRandom random;
  private final BadLink link;
  private final SimulatedHost leftHost;
  private final SimulatedHost rightHost;
  private final long leftSends;
  private final long rightSends;
  private final TcpStack left;
  private final TcpStack right;
  private final PriorityQueue<Delivery> wire = new PriorityQueue<>();
  private final long origin;
  private long orders;
  private long nextTurn;

  Mirror(long seed) {
    random = new SplittableRandom(seed);
    link = BadLink.random(random);
    leftSends = random.nextLong(200_000);
    rightSends = random.nextLong(200_000);
    leftHost = new SimulatedHost(random.split(), leftSends, random.nextInt(1, 300_000), false);
    rightHost =
        new SimulatedHost(
            random.split(), rightSends, random.nextInt(1, 300_000), random.nextBoolean());
    TcpConfig config =
        TcpConfig.standard().withBuffers(random.nextInt(2000, 1 << 20), 1 << 20, 64L << 20);
    int mtu = random.nextBoolean() ? 1500 : 9000;
    // To the left engine the right end is 93.184.216.34; to the right one that is its guest.
    left =
        new TcpStack(
            config,
            mtu,
            (guest, from, to, port, listener, now) -> connect(leftHost, listener, now),
            frame -> transmit(frame, false),
            VirtualNet.standard(),
            Packets.GUEST,
            seed);
    right =
        new TcpStack(
            config,
            mtu,
            (guest, from, to, port, listener, now) -> connect(rightHost, listener, now),
            frame -> transmit(frame, true),
            VirtualNet.of(
                IpAddr.parse("93.184.216.0"),
                24,
                IpAddr.parse("93.184.216.1"),
                IpAddr.parse("93.184.216.2"),
                Set.of()),
            Packets.OUTSIDE,
            ~seed);
    left.engine.setSegmentationOffload(random.nextBoolean());
    right.engine.setSegmentationOffload(random.nextBoolean());
    origin = left.now();
  }

  private static Optional<TcpHost> connect(
      SimulatedHost host, TcpHost.Listener listener, long now) {
    if (host.listener != null) {
      throw new AssertionError("connected twice");
    }
    host.listener = listener;
    listener.connected(now);
    return Optional.of(host);
  }

  private long time() {
    return left.now() - origin;
  }

  private void transmit(Frame frame, boolean toLeft) {
    frame.completeChecksum();
    byte[] packet = new byte[frame.length() - EthernetView.LENGTH];
    frame.bytes().get(frame.start() + EthernetView.LENGTH, packet);
    frame.release();
    if (!link.loses(random)) {
      wire.add(new Delivery(time() + link.time(random), orders++, packet, toLeft));
      if (link.doubles(random)) {
        wire.add(new Delivery(time() + link.time(random), orders++, packet, toLeft));
      }
    }
  }

  private void deliver(Delivery delivery) {
    TcpStack stack = delivery.toLeft() ? left : right;
    Frame frame = stack.frame(delivery.packet().length);
    frame.append(ByteBuffer.wrap(delivery.packet()));
    ByteBuffer bytes = frame.bytes();
    int at = frame.start();
    frame.setNetwork(at);
    frame.setTransport(at + 20);
    stack.engine.receive(
        frame, IpAddr.v4(bytes.getInt(at + 12)), IpAddr.v4(bytes.getInt(at + 16)), stack.now());
  }

  /** From the first SYN until nothing is left. */
  void run() {
    open(left, leftHost, Packets.OUTSIDE, RIGHT_PORT, Packets.GUEST, LEFT_PORT);
    if (random.nextBoolean()) {
      open(right, rightHost, Packets.GUEST, LEFT_PORT, Packets.OUTSIDE, RIGHT_PORT);
    }
    while (!leftHost.isDone() || !rightHost.isDone()) {
      step(LONGEST);
      if (time() >= LONGEST || leftHost.wasReset || rightHost.wasReset) {
        throw new AssertionError("stuck or reset: " + this);
      }
    }
    long end = time() + Duration.ofMinutes(3).toNanos();
    while (time() < end) {
      step(end);
    }
    if (leftHost.received != rightSends || rightHost.received != leftSends) {
      throw new AssertionError("bytes are missing: " + this);
    }
    if (left.engine.size() + right.engine.size() != 0) {
      throw new AssertionError("a flow is left: " + this);
    }
    left.assertNothingLeaks();
    right.assertNothingLeaks();
  }

  private static void open(
      TcpStack stack, SimulatedHost host, IpAddr source, int from, IpAddr guest, int to) {
    Opener opener =
        new Opener() {
          @Override
          public void established(long now) {}

          @Override
          public void refused(long now) {
            throw new AssertionError("refused");
          }

          @Override
          public void timedOut(long now) {
            throw new AssertionError("timed out");
          }
        };
    Opening opening = stack.engine.open(source, from, guest, to, host, opener, stack.now());
    host.listener = ((Opening.Opened) opening).listener();
  }

  private void step(long limit) {
    Delivery first = wire.peek();
    boolean talking = !leftHost.isDone() || !rightHost.isDone();
    long next = talking ? Math.min(limit, nextTurn) : limit;
    next = first == null ? next : Math.min(next, first.time());
    next = Math.min(next, due(left, next));
    next = Math.min(next, due(right, next));
    long step = Math.max(0, next - time());
    left.clock.advanceNanos(step);
    right.clock.advanceNanos(step);
    if (first != null && first.time() <= time()) {
      wire.remove();
      deliver(first);
    }
    left.engine.onTime(left.now());
    right.engine.onTime(right.now());
    if (talking && nextTurn <= time()) {
      leftHost.turn(20_000, left.now());
      rightHost.turn(20_000, right.now());
      nextTurn = time() + TURN;
    }
  }

  private long due(TcpStack stack, long otherwise) {
    long delay = stack.engine.delay(stack.now());
    return delay == Long.MAX_VALUE ? otherwise : time() + delay;
  }

  @Override
  public String toString() {
    return link
        + "; left "
        + leftHost
        + " "
        + left.engine.flows()
        + " "
        + left.drops
        + "; right "
        + rightHost
        + " "
        + right.engine.flows()
        + " "
        + right.drops;
  }
}
