package dev.dunlin.slirp.link;

import dev.dunlin.core.net.frame.Checksum;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import java.nio.ByteBuffer;

/**
 * Does in software what a link without {@code virtio_net_hdr} can't: cuts a segmentation-offload
 * frame into segments and fills in checksums. Sits before such a link's port.
 */
public final class SoftwareOffload implements FramePort {
  private static final int IPV4_TOTAL_LENGTH = 2;
  private static final int IPV4_ID = 4;
  private static final int IPV4_CHECKSUM = 10;
  private static final int IPV6_PAYLOAD_LENGTH = 4;
  private static final int IPV6_HEADER = 40;
  private static final int UDP_LENGTH = 4;
  private static final int TCP_SEQUENCE = 4;
  private static final int TCP_FLAGS = 13;
  private static final int TCP_FIN_PSH = 0x09;
  private static final int TCP_CWR = 0x80;

  private final FramePool pool;
  private final FramePort link;
  private final DropCounters drops;

  public SoftwareOffload(FramePool pool, FramePort link, DropCounters drops) {
    this.pool = pool;
    this.link = link;
    this.drops = drops;
  }

  @Override
  public void send(Frame frame) {
    int payload = frame.length() - frame.headerLength();
    if (frame.gso() == Frame.Gso.NONE || payload <= frame.gsoSize()) {
      frame.completeChecksum();
      frame.clearOffload();
      link.send(frame);
      return;
    }
    segment(frame, payload);
    frame.release();
  }

  private void segment(Frame whole, int payload) {
    for (int done = 0, index = 0; done < payload; done += whole.gsoSize(), index++) {
      int length = Math.min(whole.gsoSize(), payload - done);
      Frame piece = pool.take(whole.headerLength() + length);
      if (piece == null) {
        // What is missing is a loss like any other; the transport repairs it.
        drops.count(DropReason.NO_FRAME);
        return;
      }
      copyPiece(whole, piece, done, length);
      fixNetworkHeader(whole, piece, index);
      fixTransportHeader(whole, piece, done, done + length == payload);
      link.send(piece);
    }
  }

  private static void copyPiece(Frame whole, Frame piece, int done, int length) {
    ByteBuffer from = whole.bytes();
    int headers = whole.headerLength();
    piece.bytes().put(piece.append(headers), from, whole.start(), headers);
    piece.bytes().put(piece.append(length), from, whole.start() + headers + done, length);
    piece.setNetwork(piece.start() + whole.network() - whole.start());
    piece.setTransport(piece.start() + whole.checksumStart() - whole.start());
  }

  private static void fixNetworkHeader(Frame whole, Frame piece, int index) {
    ByteBuffer bytes = piece.bytes();
    int at = piece.network();
    int length = piece.end() - at;
    if (isV6(bytes, at)) {
      bytes.putShort(at + IPV6_PAYLOAD_LENGTH, (short) (length - IPV6_HEADER));
      return;
    }
    bytes.putShort(at + IPV4_TOTAL_LENGTH, (short) length);
    bytes.putShort(
        at + IPV4_ID, (short) (whole.bytes().getShort(whole.network() + IPV4_ID) + index));
    bytes.putShort(at + IPV4_CHECKSUM, (short) 0);
    int headerLength = (bytes.get(at) & 15) << 2;
    bytes.putShort(at + IPV4_CHECKSUM, (short) Checksum.of(bytes, at, headerLength));
  }

  private static void fixTransportHeader(Frame whole, Frame piece, int done, boolean last) {
    ByteBuffer bytes = piece.bytes();
    int at = piece.transport();
    if (whole.gso() == Frame.Gso.UDP) {
      bytes.putShort(at + UDP_LENGTH, (short) (piece.end() - at));
    } else {
      bytes.putInt(at + TCP_SEQUENCE, bytes.getInt(at + TCP_SEQUENCE) + done);
      int flags = bytes.get(at + TCP_FLAGS);
      // FIN and PSH speak of the end of the data, CWR of its beginning (RFC 3168 section 6.1.2).
      flags &= last ? -1 : ~TCP_FIN_PSH;
      flags &= done == 0 ? -1 : ~TCP_CWR;
      bytes.put(at + TCP_FLAGS, (byte) flags);
    }
    fixChecksum(whole, piece, at);
  }

  /** The field holds the pseudo header's sum with the whole's length; the piece's is shorter. */
  private static void fixChecksum(Frame whole, Frame piece, int at) {
    ByteBuffer bytes = piece.bytes();
    int field = at + whole.checksumOffset();
    int wholeLength = whole.end() - whole.checksumStart();
    int pieceLength = piece.end() - at;
    // In one's complement arithmetic a subtraction is the addition of the complement.
    long pseudo = (bytes.getShort(field) & 0xffffL) + (~wholeLength & 0xffff) + pieceLength;
    bytes.putShort(field, (short) Checksum.fold(pseudo));
    Checksum.complete(bytes, at, whole.checksumOffset(), piece.end());
  }

  private static boolean isV6(ByteBuffer bytes, int at) {
    return (bytes.get(at) & 0xf0) == 0x60;
  }
}
