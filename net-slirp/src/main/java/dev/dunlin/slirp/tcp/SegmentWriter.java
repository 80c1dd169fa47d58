package dev.dunlin.slirp.tcp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.TcpOptions;
import dev.dunlin.slirp.wire.TcpView;
import java.nio.ByteBuffer;

/** Writes every segment to the guest: text, options, header, offload wishes. */
final class SegmentWriter {
  private static final int MOST_OPTIONS = TcpView.MAX_LENGTH - TcpView.MIN_LENGTH;
  private static final int SYN_OPTIONS = 4 + 4 + 4 + TcpOptions.TIMESTAMPS_LENGTH;
  private static final int IPV4_AND_TCP = 40;
  private static final int IPV6_AND_TCP = 60;

  private final Surroundings around;

  SegmentWriter(Surroundings around) {
    this.around = around;
  }

  /** The longest text our link takes, before options. */
  int ourMss(IpAddr guest) {
    return around.output().mtu() - (guest.isV4() ? IPV4_AND_TCP : IPV6_AND_TCP);
  }

  /**
   * Sends {@code length} bytes of the flow's queue from {@code sequence} on, with the newest
   * acknowledgment. Says no when there was no frame.
   */
  boolean send(TcpFlow flow, int sequence, int length, int flags, long now) {
    Frame frame = around.frames().take(length);
    if (frame == null) {
      around.drops().count(DropReason.NO_FRAME);
      return false;
    }
    if (length > 0) {
      SendSide side = flow.send;
      side.queue.copyTo(frame.bytes(), frame.append(length), side.offset(sequence), length);
    }
    boolean syn = (flags & TcpView.SYN) != 0;
    boolean ack = (flags & TcpView.ACK) != 0;
    int options = syn ? synOptions(flow) : options(flow, length);
    int acknowledgment = ack ? flow.receive.nxt : 0;
    int window = window(flow, syn, ack);
    TcpView.prepend(frame, flow.portsToGuest(), sequence, acknowledgment, flags, window, options);
    int at = frame.start() + TcpView.MIN_LENGTH;
    if (syn) {
      putSynOptions(flow, frame.bytes(), at, now);
    } else {
      putOptions(flow, frame.bytes(), at, options, now);
    }
    TcpView.requestChecksum(frame, flow.remote, flow.guest);
    if (length > flow.send.segment) {
      Frame.Gso gso = flow.guest.isV4() ? Frame.Gso.TCP_V4 : Frame.Gso.TCP_V6;
      frame.setGso(gso, flow.send.segment, TcpView.MIN_LENGTH + options);
    }
    output(frame, flow.remote, flow.guest, now);
    return true;
  }

  private static int window(TcpFlow flow, boolean syn, boolean ack) {
    if (ack) {
      return flow.receive.advertise(flow.send.segment, !syn);
    }
    return Math.min(0xffff, flow.receive.limit());
  }

  private static int synOptions(TcpFlow flow) {
    return SYN_OPTIONS
        - (flow.offersScale ? 0 : 4)
        - (flow.send.sack ? 0 : 4)
        - (flow.receive.timestamps ? 0 : TcpOptions.TIMESTAMPS_LENGTH);
  }

  private void putSynOptions(TcpFlow flow, ByteBuffer bytes, int from, long now) {
    int at = TcpOptions.putMss(bytes, from, ourMss(flow.guest));
    if (flow.offersScale) {
      at = TcpOptions.putScale(bytes, at, around.config().windowShift());
    }
    if (flow.send.sack) {
      at = TcpOptions.putSackPermitted(bytes, at);
    }
    if (flow.receive.timestamps) {
      TcpOptions.putTimestamps(bytes, at, flow.timestamp(now), flow.receive.recentTimestamp);
    }
  }

  /**
   * Timestamps on all; SACK blocks only without text, so that a full segment stays one, and no more
   * than the smallest MTU carries.
   */
  private int options(TcpFlow flow, int length) {
    int options = flow.receive.timestamps ? TcpOptions.TIMESTAMPS_LENGTH : 0;
    if (length == 0 && flow.send.sack && !flow.receive.ahead.isEmpty()) {
      int room = (Math.min(MOST_OPTIONS, ourMss(flow.guest)) - options - 4) / 8;
      options += TcpOptions.sackLength(Math.min(room, flow.receive.ahead.size()));
    }
    return options;
  }

  private static void putOptions(TcpFlow flow, ByteBuffer bytes, int from, int length, long now) {
    int at = from;
    int left = length;
    if (flow.receive.timestamps) {
      at = TcpOptions.putTimestamps(bytes, at, flow.timestamp(now), flow.receive.recentTimestamp);
      left -= TcpOptions.TIMESTAMPS_LENGTH;
    }
    if (left > 0) {
      int blocks = (left - 4) / 8;
      at = TcpOptions.putSackHead(bytes, at, blocks);
      putBlocks(flow.receive.ahead, bytes, at, blocks);
    }
  }

  /** RFC 2018 section 4: the block that changed last comes first, then the ones before it. */
  private static void putBlocks(Ranges ahead, ByteBuffer bytes, int from, int blocks) {
    int at = from;
    int newer = Integer.MAX_VALUE;
    for (int block = 0; block < blocks; block++) {
      int newest = -1;
      for (int i = 0; i < ahead.size(); i++) {
        if (ahead.stamp(i) < newer && (newest < 0 || ahead.stamp(i) > ahead.stamp(newest))) {
          newest = i;
        }
      }
      newer = ahead.stamp(newest);
      bytes.putInt(at, ahead.left(newest)).putInt(at + 4, ahead.right(newest));
      at += 8;
    }
  }

  /** An acknowledgment and nothing else. */
  void acknowledge(TcpFlow flow, long now) {
    if (!send(flow, flow.send.bareSequence(), 0, TcpView.ACK, now)) {
      flow.retrySoon(now);
    }
  }

  /** A probe that only asks for an answer: a number that the guest has acknowledged. */
  void probe(TcpFlow flow, long now) {
    send(flow, flow.send.una - 1, 0, TcpView.ACK, now);
  }

  /** A bare header, to a connection that is none. */
  void bare(IpAddr remote, IpAddr guest, int ports, int sequence, int ack, int flags, long now) {
    Frame frame = around.frames().take(0);
    if (frame == null) {
      around.drops().count(DropReason.NO_FRAME);
      return;
    }
    TcpView.prepend(frame, ports, sequence, ack, flags, 0, 0);
    TcpView.requestChecksum(frame, remote, guest);
    output(frame, remote, guest, now);
  }

  private void output(Frame frame, IpAddr remote, IpAddr guest, long now) {
    // Path MTU discovery is how a guest behind another link tells its own (RFC 1191).
    around.output().send(frame, remote, guest, IpProtocol.TCP, IpOutput.DEFAULT_TTL, 0, true, now);
  }
}
