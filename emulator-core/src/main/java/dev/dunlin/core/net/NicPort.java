package dev.dunlin.core.net;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.dunlin.core.net.LinkDrops.Reason;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.net.frame.FrameRing;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The cable of a network card that the embedding VMM emulates: two bounded queues, one a direction,
 * between the thread that runs the card and the network's {@link NetThread}.
 *
 * <p>{@link #fromGuest}, {@link #toGuest}, {@link #returnToGuest} and {@link #service} are for the
 * card's one thread. They never block, never throw for what a guest does, never call back, and cost
 * next to nothing when there is nothing to do. Nothing asks whether the card has room: it takes
 * what it wants, when it wants it; TCP sends again what a full queue lost.
 *
 * <pre>{@code
 * NicPort port = NicPort.builder().netdev("n0").burst(16).build();
 * new EmulatorBuilder().card(port)...
 *
 * port.fromGuest(ring, offset, length);      // in the card's transmit register
 * Frame frame;                               // wherever the VMM polls
 * while ((frame = port.toGuest()) != null) {
 *   if (!card.receive(frame)) { port.returnToGuest(frame); break; }
 *   frame.release();
 * }
 * port.service();                            // once in a while: a new burst
 * }</pre>
 */
public final class NicPort {
  /** What a card without offloads takes: MTU 1500 and the Ethernet header. */
  public static final int PLAIN_FRAME = 1514;

  /** Bytes that may wait in each direction. */
  private static final int QUEUE = 1 << 20;

  /** Frames that the VMM may hold at a time before {@link #toGuest} says null. */
  private static final int MOST_SMALL = 1024;

  private static final int MOST_LARGE = 32;

  /** Frames moved to the network before its thread sees to its other work. */
  private static final int BATCH = 256;

  private final Optional<String> netdev;
  private final String model;
  private final MacAddress mac;
  private final int burst;
  private final int longest;
  private final boolean serviced;

  private final FrameRing outbound = new FrameRing(QUEUE);
  private final FrameRing inbound = new FrameRing(QUEUE);
  private final FramePool pool = new FramePool(MOST_SMALL, MOST_LARGE, false);
  private final ArrayDeque<Frame> returned = new ArrayDeque<>();
  private final AtomicBoolean knocked = new AtomicBoolean();
  private final LinkDrops droppedFromGuest = new LinkDrops();
  private final LinkDrops droppedToGuest = new LinkDrops();
  private final Runnable drain = this::drain;
  private int handedOver;

  private volatile @Nullable NetThread thread;
  private volatile Runnable wake = () -> {};
  private volatile Offload offload = Offload.NONE;
  private volatile Runnable offloadChanged = () -> {};

  /** Where the guest's frames go. The network's thread. */
  private FramePort output = Frame::release;

  private NicPort(Builder builder) {
    netdev = Optional.ofNullable(builder.netdev);
    model = builder.model;
    mac = builder.mac;
    burst = builder.burst;
    longest = builder.longest;
    serviced = builder.serviced;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** What the card is to be. */
  public static final class Builder {
    private @Nullable String netdev;
    private String model = "card";
    private MacAddress mac = new MacAddress(0);
    private int burst = Integer.MAX_VALUE;
    private int longest = PLAIN_FRAME;
    private boolean serviced;

    private Builder() {}

    /** The backend to plug it into; without one it is the next card of the command line. */
    @CanIgnoreReturnValue
    public Builder netdev(String id) {
      netdev = id;
      return this;
    }

    /** As {@code info network} shows it. */
    @CanIgnoreReturnValue
    public Builder model(String name) {
      model = name;
      return this;
    }

    /** As {@code info network} shows it; QEMU's next free address otherwise. */
    @CanIgnoreReturnValue
    public Builder mac(MacAddress address) {
      mac = address;
      return this;
    }

    /** At most so many frames from {@link #toGuest} between two calls of {@link #service}. */
    @CanIgnoreReturnValue
    public Builder burst(int frames) {
      burst = frames;
      return this;
    }

    /** The longest frame that the card takes while no segmentation offload is negotiated. */
    @CanIgnoreReturnValue
    public Builder longestFrame(int bytes) {
      longest = bytes;
      return this;
    }

    /**
     * The network has no thread of its own: everything of it happens in {@link #service}, on the
     * VMM's thread, by the VMM's clock.
     */
    @CanIgnoreReturnValue
    public Builder ownLoop() {
      serviced = true;
      return this;
    }

    public NicPort build() {
      return new NicPort(this);
    }
  }

  // ---- the card's thread ----

  /** Copies a frame out of the card's memory. False when it was dropped. */
  @CanIgnoreReturnValue
  public boolean fromGuest(byte[] memory, int offset, int length) {
    return fits(memory.length, offset, length)
        && sent(outbound.offer(memory, offset, length, false));
  }

  /** The same from a buffer, by absolute index. */
  @CanIgnoreReturnValue
  public boolean fromGuest(ByteBuffer memory, int offset, int length) {
    return fits(memory.capacity(), offset, length)
        && sent(outbound.offer(memory, offset, length, false));
  }

  /** A frame behind a {@code virtio_net_hdr} of 10 bytes, as a virtio card's ring has it. */
  @CanIgnoreReturnValue
  public boolean fromGuestWithHeader(ByteBuffer memory, int offset, int length) {
    return fits(memory.capacity(), offset, length)
        && sent(outbound.offer(memory, offset, length, true));
  }

  /** Whether it lies in the memory and is a frame at all: a guest's registers can say anything. */
  private boolean fits(int size, int offset, int length) {
    if (thread != null
        && offset >= 0
        && length >= 14
        && length <= FramePool.LARGE
        && offset <= size - length) {
      return true;
    }
    droppedFromGuest.count(thread == null ? Reason.NO_PEER : Reason.MALFORMED);
    return false;
  }

  private boolean sent(boolean accepted) {
    if (!accepted) {
      droppedFromGuest.count(Reason.NO_ROOM);
    }
    NetThread network = thread;
    if (network != null && !knocked.getAndSet(true)) {
      network.execute(drain);
    }
    return accepted;
  }

  /**
   * The next frame for the guest, which is the caller's to {@link Frame#release}; null when there
   * is none or the burst is over.
   */
  public @Nullable Frame toGuest() {
    if (handedOver >= burst) {
      return null;
    }
    Frame frame = returned.poll();
    if (frame == null) {
      if (inbound.isEmpty()) {
        return null;
      }
      frame = pool.take(inbound.nextLength());
      if (frame == null) {
        return null;
      }
      inbound.take(frame);
    }
    handedOver++;
    return frame;
  }

  /** Gives a frame back that the card had no room for: it is the next one again. */
  public void returnToGuest(Frame frame) {
    returned.push(frame);
    handedOver--;
  }

  /**
   * Begins a new burst and, with {@link Builder#ownLoop}, does what the network has to do now.
   *
   * @return nanoseconds until it wants to be called again; {@link Long#MAX_VALUE} when nothing is
   *     to be done before a frame comes
   */
  public long service() {
    return service(0);
  }

  /** The same, but a network without a thread may wait so long for something to happen. */
  public long service(long waitNanos) {
    handedOver = 0;
    NetThread network = thread;
    if (!serviced || network == null) {
      return Long.MAX_VALUE;
    }
    long wanted = network.turn(inbound.isEmpty() ? waitNanos : 0);
    return wanted < 0 ? Long.MAX_VALUE : wanted;
  }

  // ---- any thread ----

  /**
   * Called on the network's thread when frames come for a guest that had none: to wake a CPU that
   * halts, and for nothing else. Any thread.
   */
  public void onReadable(Runnable hook) {
    wake = hook;
  }

  /** What the guest's driver has agreed to take (VIRTIO_NET_F_GUEST_CSUM and its like). */
  public void setOffload(Offload agreed) {
    offload = agreed;
    offloadChanged.run();
  }

  /** Frames of the guest that found no room or were none. */
  public long droppedFromGuest() {
    return droppedFromGuest.total();
  }

  /** Frames for the guest that found no room or were longer than it takes. */
  public long droppedToGuest() {
    return droppedToGuest.total();
  }

  ImmutableMap<String, Long> drops() {
    return ImmutableMap.<String, Long>builder()
        .putAll(droppedFromGuest.nonZero("from-guest."))
        .putAll(droppedToGuest.nonZero("to-guest."))
        .build();
  }

  // ---- the network's side ----

  Optional<String> netdev() {
    return netdev;
  }

  String model() {
    return model;
  }

  MacAddress mac() {
    return mac;
  }

  boolean isServiced() {
    return serviced;
  }

  Offload offload() {
    return offload;
  }

  /** Loop thread, once. */
  void plug(NetThread network, Runnable onOffloadChanged) {
    offloadChanged = onOffloadChanged;
    thread = network;
  }

  /** Loop thread, before the network's thread ends. */
  void unplug() {
    thread = null;
  }

  /** The network's thread. */
  void connect(FramePort port) {
    output = port;
  }

  /** Takes a frame for the guest. The network's thread. */
  void receive(Frame frame) {
    Offload agreed = offload;
    if (!agreed.checksum()) {
      frame.completeChecksum();
    }
    boolean wanted =
        frame.gso() == Frame.Gso.NONE ? frame.length() <= longest : agreed.takes(frame.gso());
    boolean idle = inbound.isDrained();
    if (!wanted) {
      droppedToGuest.count(Reason.TOO_LONG);
    } else if (!inbound.offer(frame)) {
      droppedToGuest.count(Reason.NO_ROOM);
    } else if (idle) {
      wake.run();
    }
    frame.release();
  }

  private void drain() {
    NetThread network = thread;
    knocked.set(false);
    if (network == null) {
      return;
    }
    for (int i = 0; i < BATCH && !outbound.isEmpty(); i++) {
      Frame frame = network.pool().take(outbound.nextLength());
      if (frame == null) {
        outbound.skip();
        droppedFromGuest.count(Reason.NO_FRAME);
      } else if (outbound.take(frame)) {
        output.send(frame);
      } else {
        droppedFromGuest.count(Reason.MALFORMED);
        frame.release();
      }
    }
    if (!outbound.isEmpty() && !knocked.getAndSet(true)) {
      network.execute(drain);
    }
  }
}
