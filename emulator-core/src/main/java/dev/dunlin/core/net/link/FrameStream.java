package dev.dunlin.core.net.link;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import dev.dunlin.core.net.LinkDrops;
import dev.dunlin.core.net.LinkDrops.Reason;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.LinkSocket;
import dev.dunlin.core.posix.LinkSocket.Outcome;
import dev.dunlin.core.posix.NativeMemory;
import dev.dunlin.core.posix.PosixException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Frames over one connected byte stream: 32 bits of length, most significant byte first, before
 * each (net_fill_rstate in net/net.c). What is sent in one turn leaves in one system call at its
 * end, and what is read in one call may be many frames. The link's memory outlives its connections.
 *
 * <p>On the NetThread.
 */
final class FrameStream {
  private static final int LENGTH_BYTES = 4;

  /** QEMU's NET_BUFSIZE is a little more; nothing longer than the longest IP packet is sent. */
  private static final int LONGEST = FramePool.LARGE;

  /** Frames that wait for a slow peer: 1 MiB; those that find no room are dropped and counted. */
  private static final int OUT_BYTES = 1 << 20;

  private static final int IN_BYTES = 1 << 18;

  /**
   * Reads before the thread sees to others: a peer that never pauses takes no more than its turn.
   */
  private static final int READS_A_TURN = 4;

  private final NetThread thread;
  private final Consumer<String> onEnd;
  private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
  private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES);
  private final long outAddress = NativeMemory.addressOf(out);
  private final long inAddress = NativeMemory.addressOf(in);

  private FramePort output = Frame::release;
  private @Nullable LinkSocket socket;
  private @Nullable FdWatch watch;
  private boolean waitingForRoom;

  /** What of the buffers is used: from here to there. */
  private int outStart;

  private int outEnd;
  private int inEnd;

  private final LinkDrops drops = new LinkDrops();

  /**
   * @param onEnd told why, when a connection has ended by itself; it is closed by then
   */
  FrameStream(NetThread thread, Consumer<String> onEnd) {
    this.thread = thread;
    this.onEnd = onEnd;
  }

  void connect(FramePort port) {
    output = port;
  }

  /** Begins with a connected socket, and charge of it. */
  void open(LinkSocket connected) {
    socket = connected;
    outStart = 0;
    outEnd = 0;
    inEnd = 0;
    waitingForRoom = false;
    watch = thread.loop().watch(connected.number(), FdEvents.READ, this::ready);
  }

  boolean isOpen() {
    return socket != null;
  }

  /** Frames that found no room or no peer. Any thread. */
  LinkDrops drops() {
    return drops;
  }

  void close() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
    if (socket != null) {
      socket.close();
      socket = null;
    }
  }

  /** Takes a frame; it leaves with {@link #flush}. */
  void send(Frame frame) {
    int length = frame.length();
    if (socket == null) {
      drops.count(Reason.NO_PEER);
    } else if (frame.gso() != Frame.Gso.NONE) {
      drops.count(Reason.TOO_LONG);
    } else if (!makeRoom(LENGTH_BYTES + length)) {
      drops.count(Reason.NO_ROOM);
    } else {
      frame.completeChecksum();
      out.putInt(outEnd, length);
      out.put(outEnd + LENGTH_BYTES, frame.bytes(), frame.start(), length);
      outEnd += LENGTH_BYTES + length;
    }
    frame.release();
  }

  private boolean makeRoom(int bytes) {
    if (outEnd + bytes <= OUT_BYTES) {
      return true;
    }
    if (!waitingForRoom) {
      flush();
    }
    if (outEnd + bytes > OUT_BYTES && outStart > 0) {
      out.put(0, out, outStart, outEnd - outStart);
      outEnd -= outStart;
      outStart = 0;
    }
    return outEnd + bytes <= OUT_BYTES;
  }

  /** Sends what was gathered; the end of every turn. */
  void flush() {
    LinkSocket to = socket;
    if (to == null || outStart == outEnd || waitingForRoom) {
      return;
    }
    try {
      while (outStart < outEnd
          && to.send(outAddress + outStart, outEnd - outStart) == Outcome.MOVED) {
        outStart += to.moved();
      }
    } catch (PosixException e) {
      // The reading side says what became of the connection.
      outStart = outEnd;
    }
    if (outStart == outEnd) {
      outStart = 0;
      outEnd = 0;
    } else {
      waitForRoom(true);
    }
  }

  private void waitForRoom(boolean wait) {
    waitingForRoom = wait;
    if (watch != null) {
      watch.setInterest(wait ? FdEvents.READ_WRITE : FdEvents.READ);
    }
  }

  private void ready(FdEvents events) {
    if (events.writable() && waitingForRoom) {
      waitForRoom(false);
      flush();
    }
    if (events.readable() || events.hangup()) {
      read();
    }
  }

  private void read() {
    try {
      for (int i = 0; i < READS_A_TURN && socket != null; i++) {
        int room = IN_BYTES - inEnd;
        Outcome outcome = socket.receive(inAddress + inEnd, room);
        if (outcome == Outcome.ENDED) {
          end(inEnd == 0 ? "the peer closed" : "the peer closed in the middle of a frame");
          return;
        }
        if (outcome != Outcome.MOVED) {
          return;
        }
        boolean all = socket.moved() < room;
        inEnd += socket.moved();
        parse();
        if (all) {
          return;
        }
      }
    } catch (PosixException e) {
      end(e.errorText());
    }
  }

  /** Hands on every whole frame and moves the rest to the front. */
  private void parse() {
    int at = 0;
    while (inEnd - at >= LENGTH_BYTES) {
      int length = in.getInt(at);
      if (length <= 0 || length > LONGEST) {
        end("a frame of " + Integer.toUnsignedString(length) + " bytes was announced");
        return;
      }
      if (inEnd - at - LENGTH_BYTES < length) {
        break;
      }
      deliver(at + LENGTH_BYTES, length);
      at += LENGTH_BYTES + length;
    }
    // The port may have ended this link meanwhile; then there is nothing left to move.
    if (socket != null && at > 0) {
      in.put(0, in, at, inEnd - at);
      inEnd -= at;
    }
  }

  private void deliver(int at, int length) {
    Frame frame = thread.pool().take(length);
    if (frame == null) {
      drops.count(Reason.NO_FRAME);
      return;
    }
    frame.bytes().put(frame.append(length), in, at, length);
    output.send(frame);
  }

  private void end(String reason) {
    close();
    inEnd = 0;
    onEnd.accept(reason);
  }
}
