package dev.dunlin.core.net.link;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.net.LinkDrops;
import dev.dunlin.core.net.LinkDrops.Reason;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.net.frame.VnetHeader;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.TapDevice;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The frames of an open TAP device. Each read goes straight into a small frame of the pool, with a
 * large one behind it for what is longer, so that nothing is copied but the first 1.9 KiB of a
 * large frame, and nothing is allocated. On the NetThread.
 */
final class TapFrames {
  /** Frames read before the thread sees to others; the rest are still there in the next turn. */
  private static final int READS_A_TURN = 64;

  private final NetThread thread;
  private final TapDevice device;
  private final Consumer<String> onEnd;
  private final FdWatch watch;
  private FramePort output;

  /** Where the next frame is read to. */
  private @Nullable Frame small;

  private @Nullable Frame large;
  private final LinkDrops drops;

  /**
   * @param drops where frames are counted that found no room, made no sense or couldn't be taken
   * @param onEnd told why, once, when the device has gone
   */
  TapFrames(
      NetThread thread,
      TapDevice device,
      FramePort output,
      LinkDrops drops,
      Consumer<String> onEnd) {
    this.drops = drops;
    this.thread = thread;
    this.device = device;
    this.output = output;
    this.onEnd = onEnd;
    watch = thread.loop().watch(device.number(), FdEvents.READ, events -> read());
  }

  void connect(FramePort port, Offload receivers) throws PosixException {
    output = port;
    if (device.hasVnetHeader()) {
      device.setOffload(receivers.checksum(), receivers.tcp4(), receivers.tcp6());
    }
  }

  void close() {
    watch.close();
    if (small != null) {
      small.release();
      small = null;
    }
    if (large != null) {
      large.release();
      large = null;
    }
  }

  /** Takes a frame and writes it at once: the host's side of a TAP is a queue of its own. */
  void send(Frame frame) {
    if (device.hasVnetHeader()) {
      VnetHeader.prepend(frame);
    } else if (frame.gso() != Frame.Gso.NONE) {
      drops.count(Reason.TOO_LONG);
      frame.release();
      return;
    } else {
      frame.completeChecksum();
    }
    try {
      if (!device.write(frame.address() + frame.start(), frame.length())) {
        drops.count(Reason.NO_ROOM);
      }
    } catch (PosixException e) {
      // EIO: the interface is down; EINVAL: the host didn't like what the guest sent.
      drops.count(Reason.REFUSED);
    }
    frame.release();
  }

  private void read() {
    try {
      for (int i = 0; i < READS_A_TURN && readOne(); i++) {}
    } catch (PosixException e) {
      watch.close();
      onEnd.accept(e.errorText());
    }
  }

  /** False when nothing more is there. */
  private boolean readOne() throws PosixException {
    Frame first = small != null ? small : thread.pool().take(FramePool.SMALL);
    Frame second = large != null ? large : thread.pool().take(FramePool.LARGE);
    small = first;
    large = second;
    if (first == null || second == null) {
      return readAndDrop(first, second);
    }
    int room = Math.min(first.tailRoom(), FramePool.SMALL);
    long behind = second.address() + second.start() + room;
    int length =
        device.read(
            first.address() + first.start(),
            room,
            behind,
            second.capacity() - second.start() - room);
    if (length == 0) {
      return false;
    }
    if (length <= room) {
      small = null;
      first.append(length);
      deliver(first);
    } else {
      large = null;
      second.bytes().put(second.append(length), first.bytes(), first.start(), room);
      deliver(second);
    }
    return true;
  }

  /** The pool has nothing left: frames are lost, but the device mustn't stay readable for ever. */
  private boolean readAndDrop(@Nullable Frame first, @Nullable Frame second) throws PosixException {
    Frame any = first != null ? first : second;
    if (any == null) {
      return false;
    }
    long address = any.address() + any.start();
    if (device.read(address, 1, address, any.capacity() - any.start()) == 0) {
      return false;
    }
    drops.count(Reason.NO_FRAME);
    return true;
  }

  private void deliver(Frame frame) {
    if (device.hasVnetHeader() && !VnetHeader.strip(frame)) {
      drops.count(Reason.MALFORMED);
      frame.release();
    } else {
      output.send(frame);
    }
  }
}
