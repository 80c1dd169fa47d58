package dev.dunlin.core.posix;

import java.nio.ByteBuffer;

/**
 * A msghdr for datagrams that need more than send(2): a destination, or a header before the
 * payload. One for all sockets of a loop; makes no objects.
 */
public final class OutgoingMessage {
  /** Room for a header before the payload. */
  private static final int HEAD_BYTES = 64;

  private final ByteBuffer message = NativeBytes.allocate(MessageHeader.BYTES);
  private final ByteBuffer vectors = NativeBytes.allocate(2 * MessageHeader.VECTOR);
  private final ByteBuffer head =
      ByteBuffer.allocateDirect(HEAD_BYTES); // big-endian, as headers are

  public OutgoingMessage() {
    MessageHeader.setVectors(message, 0, NativeBytes.address(vectors), 2);
  }

  /** What goes before the payload of the next message, from index 0. */
  public ByteBuffer head() {
    return head;
  }

  /** Sends what remains of the direct {@code payload} to {@code peer} as one datagram. */
  public Transfer sendTo(DirectSocket socket, InetName peer, ByteBuffer payload) {
    MessageHeader.setName(message, 0, NativeBytes.address(peer.bytes()), peer.length());
    return send(socket, 0, payload);
  }

  /** Sends so many bytes of {@link #head} and what remains of {@code payload}. */
  public Transfer sendAfterHead(DirectSocket socket, int headBytes, ByteBuffer payload) {
    MessageHeader.setName(message, 0, 0, 0);
    return send(socket, headBytes, payload);
  }

  private Transfer send(DirectSocket socket, int headBytes, ByteBuffer payload) {
    vectors.putLong(0, NativeBytes.address(head)).putLong(8, headBytes);
    vectors.putLong(MessageHeader.VECTOR, NativeBytes.address(payload) + payload.position());
    vectors.putLong(MessageHeader.VECTOR + 8, payload.remaining());
    Transfer outcome = socket.sendMessage(message);
    if (outcome == Transfer.MOVED) {
      payload.position(payload.limit());
    }
    return outcome;
  }
}
