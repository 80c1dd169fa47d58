package dev.dunlin.slirp.tcp.sim;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.slirp.link.SoftwareOffload;
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
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One conversation from SYN to the end of TIME-WAIT, on virtual time. */
final class Simulation {
  private static final long TURN = 200_000;
  private static final long LONGEST = Duration.ofHours(1).toNanos();
  private static final int OUTSIDE_PORT = 80;
  private static final int GUEST_PORT = 40_000;

  /** What is said and how the ends behave. */
  record Plan(
      SmallTcp.Traits guest,
      long guestSends,
      long hostSends,
      int hostCapacity,
      int hostDrain,
      int guestDrain,
      boolean hostOpens,
      boolean guestEndsLast,
      boolean hostEndsLast,
      boolean offload,
      int mtu,
      TcpConfig config,
      BadLink link) {}

  private record Delivery(long time, long order, byte[] packet, boolean toGuest)
      implements Comparable<Delivery> {
    @Override
    public int compareTo(Delivery other) {
      return time != other.time ? Long.compare(time, other.time) : Long.compare(order, other.order);
    }
  }

  private final Plan plan;
  private final SplittableRandom random;
  private final TcpStack stack;
  private final SmallTcp guest;
  private final SimulatedHost host;
  private final PriorityQueue<Delivery> wire = new PriorityQueue<>();
  private final long origin;
  private long orders;
  private long nextTurn;
  private boolean closeAsked;
  long packetsToGuest;
  long bytesToGuest;
  long dataDone;

  Simulation(Plan plan, long seed) {
    this.plan = plan;
    random = new SplittableRandom(seed);
    host =
        new SimulatedHost(
            random.split(), plan.hostSends(), plan.hostCapacity(), plan.hostEndsLast());
    @Nullable SoftwareOffload[] cutter = new @Nullable SoftwareOffload[1];
    FramePort port =
        frame -> {
          SoftwareOffload offload = cutter[0];
          if (offload == null) {
            throw new IllegalStateException("a frame before the link");
          }
          offload.send(frame);
        };
    stack = new TcpStack(plan.config(), plan.mtu(), this::connect, port);
    cutter[0] = new SoftwareOffload(stack.pool, this::fromEngine, stack.drops);
    stack.engine.setSegmentationOffload(plan.offload());
    int ports = GUEST_PORT << 16 | OUTSIDE_PORT;
    guest =
        new SmallTcp(
            plan.guest(),
            Packets.GUEST.v4(),
            Packets.OUTSIDE.v4(),
            ports,
            random.nextInt(),
            packet -> transmit(packet, false));
    origin = stack.now();
  }

  private Optional<TcpHost> connect(
      IpAddr from, int fromPort, IpAddr to, int port, TcpHost.Listener listener, long now) {
    if (host.listener != null) {
      throw new AssertionError("connected twice");
    }
    host.listener = listener;
    listener.connected(now);
    return Optional.of(host);
  }

  /** Since the beginning: the guest's clock. */
  private long time() {
    return stack.now() - origin;
  }

  private void fromEngine(Frame frame) {
    byte[] packet = new byte[frame.length() - EthernetView.LENGTH];
    frame.bytes().get(frame.start() + EthernetView.LENGTH, packet);
    frame.release();
    packetsToGuest++;
    bytesToGuest += packet.length;
    transmit(packet, true);
  }

  private void transmit(byte[] packet, boolean toGuest) {
    if (plan.link().loses(random)) {
      return;
    }
    deliverLater(packet, toGuest);
    if (plan.link().doubles(random)) {
      deliverLater(packet, toGuest);
    }
  }

  private void deliverLater(byte[] packet, boolean toGuest) {
    wire.add(new Delivery(time() + plan.link().time(random), orders++, packet, toGuest));
  }

  /** Runs until both ends are through and nothing is left; says how long the conversation took. */
  long run() {
    open();
    while (!isOver()) {
      step();
      if (time() > LONGEST) {
        throw new AssertionError("stuck: " + this);
      }
    }
    long took = time();
    settle();
    return took;
  }

  private void open() {
    guest.write(plan.guestSends(), time());
    if (plan.hostOpens()) {
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
      Opening opening =
          stack.engine.open(
              Packets.OUTSIDE, OUTSIDE_PORT, Packets.GUEST, GUEST_PORT, host, opener, stack.now());
      host.listener = ((Opening.Opened) opening).listener();
    } else {
      guest.connect(time());
    }
  }

  private boolean isOver() {
    if (guest.wasReset() || host.wasReset) {
      throw new AssertionError("reset: " + this);
    }
    return guest.isDone() && host.isDone();
  }

  private void step() {
    long next = Math.min(nextTurn, guest.nextTimer());
    Delivery first = wire.peek();
    if (first != null) {
      next = Math.min(next, first.time());
    }
    long engine = stack.engine.delay(stack.now());
    next = Math.min(next, engine == Long.MAX_VALUE ? next : time() + engine);
    stack.clock.advanceNanos(Math.max(0, next - time()));
    if (first != null && first.time() <= time()) {
      wire.remove();
      deliver(first);
    }
    stack.engine.onTime(stack.now());
    if (guest.nextTimer() <= time()) {
      guest.onTimer(time());
    }
    if (nextTurn <= time()) {
      turn();
      nextTurn = time() + TURN;
    }
  }

  private void turn() {
    host.turn(plan.hostDrain(), stack.now());
    guest.read(plan.guestDrain(), time());
    if (!closeAsked && guest.isEstablished() && (!plan.guestEndsLast() || guest.isPeerFinished())) {
      closeAsked = true;
      guest.close(time());
    }
    if (dataDone == 0
        && guest.received() == plan.hostSends()
        && host.received == plan.guestSends()) {
      dataDone = time();
    }
  }

  private void deliver(Delivery delivery) {
    if (delivery.toGuest()) {
      guest.receive(delivery.packet(), time());
      return;
    }
    Frame frame = stack.frame(delivery.packet().length);
    frame.append(ByteBuffer.wrap(delivery.packet()));
    stack.guest(frame);
  }

  /** Late packets arrive, TIME-WAIT passes; then nothing may be left. */
  private void settle() {
    if (guest.received() != plan.hostSends() || host.received != plan.guestSends()) {
      throw new AssertionError("bytes are missing: " + this);
    }
    long end = time() + Duration.ofMinutes(3).toNanos();
    while (time() < end) {
      Delivery first = wire.peek();
      long engine = stack.engine.delay(stack.now());
      long next = first == null ? end : Math.min(end, first.time());
      next = engine == Long.MAX_VALUE ? next : Math.min(next, time() + engine);
      stack.clock.advanceNanos(Math.max(0, next - time()));
      if (first != null && first.time() <= time()) {
        wire.remove();
        deliver(first);
      }
      stack.engine.onTime(stack.now());
    }
    if (stack.engine.size() != 0) {
      throw new AssertionError("a flow is left: " + stack.engine.flows() + " " + this);
    }
    stack.assertNothingLeaks();
  }

  @Override
  public String toString() {
    return plan
        + "; guest "
        + guest
        + "; "
        + host
        + "; "
        + stack.engine.flows()
        + "; "
        + stack.drops;
  }
}
