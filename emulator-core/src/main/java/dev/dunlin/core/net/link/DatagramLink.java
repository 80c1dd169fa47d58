package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.chardev.SocketFile;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.net.LinkDrops;
import dev.dunlin.core.net.LinkDrops.Reason;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.LinkSocket;
import dev.dunlin.core.posix.LinkSocket.Outcome;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * {@code -netdev dgram}, and the datagrams of {@code -netdev socket}: one frame a datagram
 * (net/dgram.c). Frames that the socket has no room for wait, as they wait in QEMU's queue: a unix
 * socket takes ten datagrams by default (net.unix.max_dgram_qlen), and one large IP packet is
 * forty. A frame that comes while the pool is empty is lost, as datagrams are.
 */
final class DatagramLink implements NetBackend {
  /** Datagrams read before the thread sees to others. */
  private static final int READS_A_TURN = 64;

  /** Frames that wait for room, and their buffers' bytes; more are dropped and counted. */
  private static final int MOST_WAITING = 1024;

  private static final int MOST_WAITING_BYTES = 4 << 20;

  /**
   * When room is looked for again, unless the peer says something before. Not by waiting for the
   * descriptor: unix(7) sockets that aren't connected are always ready to write.
   */
  private static final Duration RETRY = Duration.ofMillis(1);

  private final String name;
  private final DatagramSpec spec;
  private final LinkHost host;
  private @Nullable NetThread thread;
  private FramePort output = Frame::release;
  private @Nullable LinkSocket socket;
  private @Nullable FdWatch watch;

  /** Where to send; nowhere special for a connected socket. */
  private @Nullable ByteBuffer target;

  private Optional<SocketFile> file = Optional.empty();

  /** Where the next frame is read to. */
  private @Nullable Frame next;

  private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private @Nullable LoopTimer retry;

  private volatile String info = "";
  private final LinkDrops drops = new LinkDrops();

  DatagramLink(String name, DatagramSpec spec, LinkHost host) {
    this.name = name;
    this.spec = spec;
    this.host = host;
    info = spec.info();
  }

  @Override
  public String info() {
    return info;
  }

  @Override
  public void connectedTo(OptionalInt hub) {}

  @Override
  public void attach(NetThread home) {
    thread = home;
  }

  @Override
  public FramePort input() {
    return this::send;
  }

  @Override
  public void connect(FramePort port, Offload receivers) {
    output = port;
  }

  @Override
  public Offload offload() {
    return Offload.NONE;
  }

  private NetThread thread() {
    return Objects.requireNonNull(thread, "not attached");
  }

  @Override
  public CompletionStage<Void> start() {
    LinkSocket opened;
    try {
      opened = open();
    } catch (OptionException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread()
        .execute(
            () -> {
              socket = opened;
              watch = thread().loop().watch(opened.number(), FdEvents.READ, events -> read(opened));
              done.complete(null);
            });
    return done;
  }

  private LinkSocket open() throws OptionException {
    if (spec.way() instanceof DatagramSpec.Passed passed) {
      return adopt(passed);
    }
    if (spec.way() instanceof DatagramSpec.Group group) {
      target = group.group().encode();
      return join(group);
    }
    DatagramSpec.Pair pair = (DatagramSpec.Pair) spec.way();
    target = pair.remote().encode();
    return bind(pair.local());
  }

  private LinkSocket bind(SocketName local) throws OptionException {
    if (local instanceof SocketName.Unix unix) {
      SocketFile.removeStale(unix.path());
    }
    try {
      LinkSocket made = LinkSocket.datagram(local.family());
      try {
        made.bind(local);
      } catch (PosixException e) {
        made.close();
        throw e;
      }
      if (local instanceof SocketName.Unix unix) {
        file = Optional.of(SocketFile.bound(unix.path()));
      }
      return made;
    } catch (PosixException e) {
      throw new OptionException(
          local instanceof SocketName.Unix unix
              ? "can't bind unix=" + unix.path() + " to socket: " + e.errorText()
              : "can't bind ip=" + hostOf(local) + " to socket: " + e.errorText());
    }
  }

  private static String hostOf(SocketName name) {
    return name instanceof SocketName.Inet inet ? inet.host() : name.toString();
  }

  private static LinkSocket join(DatagramSpec.Group group) throws OptionException {
    String address = group.group().host();
    LinkSocket made;
    try {
      made = LinkSocket.datagram(SocketName.AF_INET);
    } catch (PosixException e) {
      throw new OptionException("can't create datagram socket: " + e.errorText());
    }
    String step = "bind ip=" + address + " to socket";
    try {
      made.bind(group.group());
      step = "add socket to multicast group " + address;
      byte[] any = {0, 0, 0, 0};
      byte[] local = group.local().map(Inet4Endpoints::of).orElse(any);
      made.joinGroup(group.group().address().getAddress(), local);
      if (group.local().isPresent()) {
        step = "set the default network send interface";
        made.setGroupInterface(local);
      }
      return made;
    } catch (PosixException e) {
      made.close();
      throw new OptionException("can't " + step + ": " + e.errorText());
    }
  }

  private LinkSocket adopt(DatagramSpec.Passed passed) throws OptionException {
    Fd fd = PassedSockets.take(host, name, passed.fd());
    PassedSockets.refuseUnless(LinkSocket.Kind.DATAGRAM, fd);
    try {
      LinkSocket adopted = LinkSocket.adopt(fd, LinkSocket.Kind.DATAGRAM);
      target = passed.remote().map(SocketName::encode).orElse(null);
      SocketName local = adopted.localName();
      info = spec.info() + (local instanceof SocketName.Unix ? " unix" : " inet");
      return adopted;
    } catch (PosixException e) {
      throw new OptionException("Unable to query local socket address: " + e.errorText());
    }
  }

  private void send(Frame frame) {
    LinkSocket to = socket;
    if (to == null || frame.gso() != Frame.Gso.NONE || !mayWait(frame)) {
      boolean whole = frame.gso() == Frame.Gso.NONE;
      drops.count(to == null ? Reason.NO_PEER : whole ? Reason.NO_ROOM : Reason.TOO_LONG);
      frame.release();
      return;
    }
    frame.completeChecksum();
    if (waiting.isEmpty() && sent(frame, to)) {
      frame.release();
    } else {
      waiting.add(frame);
      waitingBytes += frame.capacity();
      retryLater();
    }
  }

  private boolean mayWait(Frame frame) {
    return waiting.size() < MOST_WAITING && waitingBytes + frame.capacity() <= MOST_WAITING_BYTES;
  }

  /** False when there was no room for it; a frame that has no peer counts as sent, and is lost. */
  private boolean sent(Frame frame, LinkSocket to) {
    ByteBuffer where = target;
    long address = frame.address() + frame.start();
    try {
      Outcome outcome =
          where == null
              ? to.send(address, frame.length())
              : to.sendTo(address, frame.length(), where);
      if (outcome == Outcome.LATER) {
        return false;
      }
      if (outcome != Outcome.MOVED) {
        drops.count(Reason.NO_PEER);
      }
    } catch (PosixException e) {
      drops.count(Reason.REFUSED);
    }
    return true;
  }

  private void sendWaiting() {
    LinkSocket to = socket;
    Frame first = waiting.peek();
    while (to != null && first != null && sent(first, to)) {
      waitingBytes -= first.capacity();
      waiting.remove().release();
      first = waiting.peek();
    }
    if (first != null) {
      retryLater();
    }
  }

  private void retryLater() {
    if (retry == null || !retry.isPending()) {
      retry = thread().loop().schedule(RETRY, this::sendWaiting);
    }
  }

  @Override
  public ImmutableMap<String, Long> drops() {
    return drops.nonZero();
  }

  private void read(LinkSocket from) {
    if (!waiting.isEmpty()) {
      sendWaiting();
    }
    try {
      for (int i = 0; i < READS_A_TURN && socket != null; i++) {
        Frame frame = next != null ? next : thread().pool().take(FramePool.LARGE);
        next = frame;
        if (frame == null) {
          drops.count(Reason.NO_FRAME);
          return;
        }
        if (!readInto(frame, from)) {
          return;
        }
      }
    } catch (PosixException e) {
      LogManager.getLogger(DatagramLink.class).warn("netdev {}: {}", name, e.getMessage());
      close();
    }
  }

  private boolean readInto(Frame frame, LinkSocket from) throws PosixException {
    Outcome outcome = from.receive(frame.address() + frame.start(), FramePool.LARGE);
    if (outcome == Outcome.LATER || outcome == Outcome.ENDED) {
      return false;
    }
    if (outcome == Outcome.MOVED && from.moved() > 0) {
      deliver(frame, from.moved());
    }
    return true;
  }

  /** What fits leaves in a small frame, so that the large one is there for the next read. */
  private void deliver(Frame frame, int length) {
    Frame small = length <= FramePool.SMALL ? thread().pool().take(length) : null;
    if (small != null) {
      small.bytes().put(small.append(length), frame.bytes(), frame.start(), length);
      output.send(small);
    } else {
      next = null;
      frame.append(length);
      output.send(frame);
    }
  }

  @Override
  public CompletionStage<Void> stop() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread()
        .execute(
            () -> {
              close();
              done.complete(null);
            });
    return done;
  }

  private void close() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
    if (socket != null) {
      socket.close();
      socket = null;
    }
    if (next != null) {
      next.release();
      next = null;
    }
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
    waiting.forEach(Frame::release);
    waiting.clear();
    waitingBytes = 0;
    file.ifPresent(SocketFile::remove);
    file = Optional.empty();
  }
}
