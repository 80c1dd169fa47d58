package dev.dunlin.slirp.ip;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.wire.Ipv4View;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What has come of one datagram: its payload at {@link Frame#HEAD_ROOM} of a buffer of the longest
 * packet's size, the header before it, and a bitmap of the eight-byte units that are there. Used
 * again and again, so that fragments make no objects.
 */
final class PartialDatagram {
  private static final int BASE = Frame.HEAD_ROOM;
  private static final int UNIT = 8;
  private static final int UNITS = (Ipv4View.MAX_PACKET + UNIT) / UNIT;
  private static final int UNKNOWN = -1;

  enum Outcome {
    PLACED,
    DUPLICATE,
    OVERLAP,
    TOO_LONG
  }

  private final long[] units = new long[(UNITS + 63) / 64];
  private boolean used;
  private int source;
  private int destination;
  private int protocol;
  private int id;
  private long deadline;
  private @Nullable Frame buffer;
  private int received;
  private int highest;
  private int total;
  private int headerLength;

  /** Begins with the datagram that a fragment is of. */
  void open(Ipv4View fragment, Frame taken, long until) {
    used = true;
    source = fragment.source();
    destination = fragment.destination();
    protocol = fragment.protocol();
    id = fragment.id();
    deadline = until;
    buffer = taken;
    Arrays.fill(units, 0);
    received = 0;
    highest = 0;
    total = UNKNOWN;
    headerLength = 0;
  }

  boolean isUsed() {
    return used;
  }

  long deadline() {
    return deadline;
  }

  /** Whether the fragment is of this datagram (RFC 791 section 3.2). */
  boolean isOf(Ipv4View fragment) {
    return used
        && id == fragment.id()
        && source == fragment.source()
        && destination == fragment.destination()
        && protocol == fragment.protocol();
  }

  Outcome place(Frame fragment, Ipv4View ip, boolean last) {
    int offset = ip.fragmentOffset();
    int length = ip.payloadLength();
    if (buffer == null) {
      return Outcome.OVERLAP; // dead: the rest of an overlapping datagram
    }
    Outcome overlap = overlap(buffer.bytes(), fragment.bytes(), ip.payload(), offset, length);
    if (overlap != Outcome.PLACED) {
      return overlap == Outcome.DUPLICATE && last == (offset + length == total)
          ? Outcome.DUPLICATE
          : Outcome.OVERLAP;
    }
    if ((total != UNKNOWN && (last || offset + length > total))
        || (last && highest > offset + length)) {
      return Outcome.OVERLAP;
    }
    buffer.bytes().put(BASE + offset, fragment.bytes(), ip.payload(), length);
    mark(offset, length);
    received += length;
    highest = Math.max(highest, offset + length);
    total = last ? offset + length : total;
    if (offset == 0) {
      headerLength = ip.headerLength();
      int at = BASE - headerLength;
      buffer.bytes().put(at, fragment.bytes(), ip.start(), headerLength);
    }
    // The first header may be longer than this fragment's own: the sum counts (CVE-2018-11806).
    return headerLength + highest > Ipv4View.MAX_PACKET ? Outcome.TOO_LONG : Outcome.PLACED;
  }

  private Outcome overlap(ByteBuffer ours, ByteBuffer theirs, int from, int offset, int length) {
    int first = offset / UNIT;
    int end = (offset + length + UNIT - 1) / UNIT;
    int known = 0;
    for (int unit = first; unit < end; unit++) {
      known += (int) (units[unit >>> 6] >>> unit & 1);
    }
    if (known == 0) {
      return Outcome.PLACED;
    }
    boolean same =
        known == end - first
            && offset + length <= highest
            && ours.slice(BASE + offset, length).equals(theirs.slice(from, length));
    return same ? Outcome.DUPLICATE : Outcome.OVERLAP;
  }

  private void mark(int offset, int length) {
    int end = (offset + length + UNIT - 1) / UNIT;
    for (int unit = offset / UNIT; unit < end; unit++) {
      units[unit >>> 6] |= 1L << unit;
    }
  }

  boolean isWhole() {
    return total != UNKNOWN && received == total && headerLength != 0;
  }

  /** The datagram as one packet, fragment fields cleared; this is free then. */
  Frame finish(Ipv4View header) {
    Frame whole = takeBuffer();
    used = false;
    whole.setBounds(BASE - headerLength, BASE + total);
    whole.setNetwork(whole.start());
    header.wrapHeader(whole.bytes(), whole.start(), whole.end());
    header.setFragment(0, 0, headerLength + total);
    return whole;
  }

  /** The beginning, for an error's quote, when the first fragment came; the buffer stays ours. */
  @Nullable Frame start() {
    if (buffer == null || headerLength == 0) {
      return null;
    }
    buffer.setBounds(BASE - headerLength, BASE + firstRun());
    buffer.setNetwork(buffer.start());
    return buffer;
  }

  private int firstRun() {
    int unit = 0;
    while (unit < UNITS && (units[unit >>> 6] >>> unit & 1) != 0) {
      unit++;
    }
    return Math.min(unit * UNIT, highest);
  }

  private Frame takeBuffer() {
    Frame taken = buffer;
    if (taken == null) {
      throw new IllegalStateException("a dead datagram has no buffer");
    }
    buffer = null;
    return taken;
  }

  /** Gives the buffer back; what still comes of it is refused until its time is over. */
  void kill() {
    if (buffer != null) {
      takeBuffer().release();
    }
  }

  /** Forgets it. */
  void clear() {
    kill();
    used = false;
  }
}
