package dev.dunlin.slirp.tcp.sim;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.slirp.tcp.Pattern;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A TCP written without a look at the engine's: goes back N, one timer, a fixed congestion window,
 * offsets of 64 bits. Reads and writes headers by hand.
 */
final class SmallTcp {
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int PSH = 8;
  private static final int ACK = 16;
  private static final long MILLI = 1_000_000;
  private static final long FIRST_RTO = 300 * MILLI;
  private static final long MOST_RTO = 5000 * MILLI;

  /** What this end is like. */
  record Traits(
      int mss, int buffer, int shift, boolean scale, boolean sack, boolean stamps, boolean lazy) {}

  private final Traits traits;
  private final int local;
  private final int remote;
  private final int ports;
  private final Consumer<byte[]> wire;
  private final int initial;

  private boolean opened;
  private boolean active;
  private boolean established;
  private int peerInitial;
  private boolean peerScale;
  private int peerShift;
  private boolean sack;
  private boolean stamps;
  private int peerMss = 536;
  private int echo;

  // Offsets in our stream: 0 is the first byte, the FIN is at `queued`.
  private long una;
  private long nxt;
  private long top;
  private long queued;
  private boolean closing;
  private long peerWindow;
  private long windowSequence = -1;
  private long windowAck = -1;
  private int duplicates;

  // Offsets in the peer's stream.
  private long expected;
  private long unread;
  private long finAt = -1;
  private boolean peerFinished;
  private final TreeMap<Long, Long> ahead = new TreeMap<>();
  private long promised;

  private long timer = Long.MAX_VALUE;
  private long rto = FIRST_RTO;
  private long ackTimer = Long.MAX_VALUE;
  private int unacked;
  private boolean wasReset;
  int retransmissions;

  SmallTcp(Traits traits, int local, int remote, int ports, int initial, Consumer<byte[]> wire) {
    this.traits = traits;
    this.local = local;
    this.remote = remote;
    this.ports = ports;
    this.initial = initial;
    this.wire = wire;
  }

  // ---- application ----

  void connect(long now) {
    opened = true;
    active = true;
    emit(-1, 0, SYN, now);
    timer = now + rto;
  }

  void write(long bytes, long now) {
    queued += bytes;
    output(now);
  }

  void close(long now) {
    closing = true;
    output(now);
  }

  /** The application reads up to so many bytes; says how many there were. */
  long read(long most, long now) {
    long taken = Math.min(most, unread);
    unread -= taken;
    if (taken > 0 && established && promised - expected < traits.mss) {
      if (window() >= traits.mss) {
        acknowledge(now);
      }
    }
    return taken;
  }

  long received() {
    return expected;
  }

  boolean isEstablished() {
    return established;
  }

  boolean wasReset() {
    return wasReset;
  }

  /** Everything sent is acknowledged and the peer's end was read. */
  boolean isDone() {
    return closing && una == queued + 1 && peerFinished && unread == 0;
  }

  boolean isPeerFinished() {
    return peerFinished;
  }

  private long window() {
    return Math.max(0, traits.buffer - unread);
  }

  // ---- input ----

  /** An IPv4 packet. */
  void receive(byte[] packet, long now) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    int header = (packet[0] & 15) * 4;
    int end = in.getShort(2) & 0xffff;
    checkSums(in, header, end);
    int offset = (in.get(header + 12) >>> 4 & 15) * 4;
    int flags = in.get(header + 13) & 0xff;
    int sequence = in.getInt(header + 4);
    int ack = in.getInt(header + 8);
    int window = in.getShort(header + 14) & 0xffff;
    if ((flags & RST) != 0) {
      // In TIME-WAIT a late duplicate of ours is answered by a reset: RFC 1337 says ignore it.
      wasReset |= !(una == queued + 1 && peerFinished);
      timer = Long.MAX_VALUE;
      return;
    }
    ByteBuffer options = in.slice(header + 20, offset - 20);
    if ((flags & SYN) != 0) {
      synchronize(options, flags, sequence, ack, window, now);
      return;
    }
    if (!opened || (!established && ack != initial + 1)) {
      return;
    }
    if (!established) {
      established = true;
      timer = Long.MAX_VALUE;
    }
    long at = expected + (sequence - (int) (peerInitial + 1 + expected));
    stamp(options, at);
    int length = end - header - offset;
    acknowledged(at, ack, window, length, now);
    if (length > 0 || (flags & FIN) != 0) {
      text(in, header + offset, length, at, (flags & FIN) != 0, now);
    } else if (at < expected) {
      acknowledge(now); // keepalive
    }
    output(now);
  }

  private void checkSums(ByteBuffer in, int header, int end) {
    long pseudo = Checksum.pseudoV4(in.getInt(12), in.getInt(16), 6, end - header);
    if (!Checksum.valid(0, in, 0, header) || !Checksum.valid(pseudo, in, header, end - header)) {
      throw new AssertionError("a bad checksum reached the guest");
    }
  }

  private void synchronize(
      ByteBuffer options, int flags, int sequence, int ack, int window, long now) {
    if ((flags & ACK) != 0 && ack != initial + 1) {
      return;
    }
    if (!established) {
      opened = true;
      peerInitial = sequence;
      negotiate(options);
      peerWindow = window;
    }
    if ((flags & ACK) != 0) {
      established = true;
      timer = Long.MAX_VALUE;
      rto = FIRST_RTO;
      acknowledge(now);
      output(now);
    } else if (!established) {
      emit(-1, 0, SYN | ACK, now);
      timer = now + rto;
    }
  }

  private void negotiate(ByteBuffer options) {
    for (int i = 0; i < options.limit(); ) {
      int kind = options.get(i);
      if (kind == 0) {
        break;
      }
      if (kind == 1) {
        i++;
        continue;
      }
      switch (kind) {
        case 2 -> peerMss = options.getShort(i + 2) & 0xffff;
        case 3 -> {
          peerScale = true;
          peerShift = options.get(i + 2);
        }
        case 4 -> sack = traits.sack;
        case 8 -> {
          stamps = traits.stamps;
          echo = options.getInt(i + 2);
        }
        default -> {}
      }
      i += options.get(i + 1);
    }
  }

  private void stamp(ByteBuffer options, long at) {
    if (stamps && options.limit() >= 12 && options.getShort(0) == 0x0101 && at <= expected) {
      echo = options.getInt(4);
    }
  }

  private void acknowledged(long at, int ack, int field, int length, long now) {
    long number = una + (ack - (int) (initial + 1 + una));
    if (number > top) {
      throw new AssertionError("the engine acknowledges " + number + " of " + top);
    }
    long window = (long) field << (peerScale && traits.scale ? peerShift : 0);
    if (number > una) {
      una = number;
      nxt = Math.max(nxt, una);
      duplicates = 0;
      rto = FIRST_RTO;
      timer = una < top ? now + rto : Long.MAX_VALUE;
    } else if (number == una && length == 0 && una < top && window == peerWindow) {
      if (++duplicates == 3) {
        retransmissions++;
        emit(una, (int) Math.min(segment(), queued - una), ACK, now);
      }
    }
    if (at > windowSequence || (at == windowSequence && number >= windowAck)) {
      windowSequence = at;
      windowAck = number;
      peerWindow = window;
    }
  }

  private void text(ByteBuffer in, int index, int length, long at, boolean fin, long now) {
    for (int i = 0; i < length; i++) {
      if (in.get(index + i) != Pattern.at(at + i)) {
        throw new AssertionError("wrong byte at " + (at + i));
      }
    }
    if (fin) {
      finAt = at + length;
    }
    boolean gap = !ahead.isEmpty();
    long limit = expected + window();
    long from = Math.max(at, expected);
    long to = Math.min(at + length, limit);
    boolean inOrder = at <= expected && at + length > expected;
    if (from < to) {
      ahead.merge(from, to, Math::max);
    }
    join();
    if (finAt >= 0 && expected == finAt) {
      peerFinished = true;
    }
    unacked++;
    if (!traits.lazy || !inOrder || unacked >= 2 || peerFinished || gap || !ahead.isEmpty()) {
      acknowledge(now);
    } else if (ackTimer == Long.MAX_VALUE) {
      ackTimer = now + 100 * MILLI;
    }
  }

  private void join() {
    Iterator<Map.Entry<Long, Long>> ranges = ahead.entrySet().iterator();
    while (ranges.hasNext()) {
      Map.Entry<Long, Long> range = ranges.next();
      if (range.getKey() > expected) {
        return;
      }
      unread += Math.max(0, range.getValue() - expected);
      expected = Math.max(expected, range.getValue());
      ranges.remove();
    }
  }

  // ---- output ----

  private int segment() {
    return Math.min(traits.mss, peerMss) - (stamps ? 12 : 0);
  }

  private void output(long now) {
    if (!established || wasReset) {
      return;
    }
    long window = Math.min(peerWindow, 30L * segment());
    while (nxt < queued && nxt - una < window) {
      int length = (int) Math.min(segment(), Math.min(queued - nxt, window - (nxt - una)));
      emit(nxt, length, ACK | PSH, now);
      advance(length, now);
    }
    if (closing && nxt == queued && nxt - una < window) {
      emit(nxt, 0, ACK | FIN, now);
      advance(1, now);
    }
    if (timer == Long.MAX_VALUE && una < queued + (closing ? 1 : 0)) {
      timer = now + rto;
    }
  }

  private void advance(long by, long now) {
    retransmissions += nxt < top ? 1 : 0;
    nxt += by;
    top = Math.max(top, nxt);
    timer = timer == Long.MAX_VALUE ? now + rto : timer;
  }

  private void acknowledge(long now) {
    emit(Math.max(nxt, top), 0, ACK, now);
  }

  long nextTimer() {
    return Math.min(timer, ackTimer);
  }

  void onTimer(long now) {
    if (ackTimer <= now) {
      acknowledge(now);
    }
    if (timer > now) {
      return;
    }
    rto = Math.min(MOST_RTO, 2 * rto);
    timer = now + rto;
    if (!established) {
      emit(-1, 0, active ? SYN : SYN | ACK, now);
      return;
    }
    nxt = una;
    duplicates = 0;
    if (peerWindow == 0) {
      // A probe: one byte, or the FIN.
      boolean fin = una == queued;
      emit(una, fin ? 0 : 1, fin ? ACK | FIN : ACK, now);
      top = Math.max(top, una + 1);
    } else {
      output(now);
    }
  }

  /** Sends the text at an offset; -1 is the SYN's. */
  private void emit(long offset, int length, int flags, long now) {
    ByteBuffer options = options((flags & SYN) != 0, now);
    int header = 20 + options.remaining();
    ByteBuffer out = ByteBuffer.allocate(20 + header + length);
    out.putShort((short) 0x4500).putShort((short) out.capacity()).putInt(0x4000);
    out.putShort((short) 0x4006).putShort((short) 0).putInt(local).putInt(remote);
    out.putShort(10, (short) Checksum.of(out, 0, 20));
    out.putInt(ports).putInt((int) (initial + 1 + offset));
    boolean ack = (flags & ACK) != 0;
    out.putInt(ack ? (int) (peerInitial + 1 + expected + (peerFinished ? 1 : 0)) : 0);
    out.put((byte) (header << 2)).put((byte) flags);
    int shift = (flags & SYN) == 0 && peerScale && traits.scale ? traits.shift : 0;
    int field = (int) Math.min(0xffff, window() >>> shift);
    promised = Math.max(promised, expected + ((long) field << shift));
    out.putShort((short) field).putInt(0).put(options);
    for (int i = 0; i < length; i++) {
      out.put(Pattern.at(offset + i));
    }
    long pseudo = Checksum.pseudoV4(local, remote, 6, header + length);
    int sum = Checksum.finish(Checksum.add(pseudo, out, 20, header + length));
    out.putShort(36, (short) sum);
    if (ack) {
      unacked = 0;
      ackTimer = Long.MAX_VALUE;
    }
    wire.accept(out.array());
  }

  private ByteBuffer options(boolean syn, long now) {
    ByteBuffer out = ByteBuffer.allocate(40);
    if (syn) {
      out.putShort((short) 0x0204).putShort((short) traits.mss);
      boolean answer = !active;
      if (traits.scale && (!answer || peerScale)) {
        out.put((byte) 1).put((byte) 3).put((byte) 3).put((byte) traits.shift);
      }
      if (traits.sack && (!answer || sack)) {
        out.putInt(0x01010402);
      }
    }
    if (traits.stamps && (stamps || (syn && active))) {
      out.putInt(0x0101080a).putInt((int) (now / MILLI)).putInt(echo);
    }
    if (!syn && sack && !ahead.isEmpty()) {
      int blocks = Math.min(3, ahead.size());
      out.putShort((short) 0x0101).put((byte) 5).put((byte) (2 + 8 * blocks));
      for (Map.Entry<Long, Long> range : ahead.headMap(Long.MAX_VALUE).entrySet()) {
        if (blocks-- == 0) {
          break;
        }
        out.putInt((int) (peerInitial + 1 + range.getKey()));
        out.putInt((int) (peerInitial + 1 + range.getValue()));
      }
    }
    return out.flip();
  }

  @Override
  public String toString() {
    return "una "
        + una
        + " nxt "
        + nxt
        + " of "
        + queued
        + (closing ? " and FIN" : "")
        + ", received "
        + expected
        + (peerFinished ? " and FIN" : "")
        + ", window "
        + peerWindow;
  }
}
