package dev.dunlin.core.posix;

import com.google.common.base.Preconditions;
import java.nio.ByteBuffer;

/**
 * Several datagrams by one recvmmsg(2), straight to where they belong: each place has a direct
 * buffer of the caller's, big enough for what is usual, and one of its own behind it for the rest
 * of a long one. One for all sockets of a loop; makes no objects.
 */
public final class DatagramBatch {
  /** Datagrams by one call: most of what a call costs is saved by then. */
  public static final int MOST = 8;

  /** The longest there are. */
  private static final int LONGEST = 65_536;

  /** A cmsg with an int, twice. */
  private static final int CONTROL_BYTES = 48;

  private static final int IPPROTO_IP = 0;
  private static final int IP_TTL = 2;

  private final ByteBuffer messages = NativeBytes.allocate(MOST * MessageHeader.MANY_BYTES);
  private final ByteBuffer vectors = NativeBytes.allocate(2 * MOST * MessageHeader.VECTOR);
  private final ByteBuffer control = NativeBytes.allocate(MOST * CONTROL_BYTES);
  private final ByteBuffer rests = ByteBuffer.allocateDirect(MOST * LONGEST);
  private final InetName[] names = new InetName[MOST];

  /** The callers' buffers, which the kernel writes: held while it may. */
  private final ByteBuffer[] armed = new ByteBuffer[MOST];

  public DatagramBatch() {
    ByteBuffer bytes = NativeBytes.allocate(MOST * InetName.BYTES);
    for (int i = 0; i < MOST; i++) {
      names[i] = new InetName(bytes, i * InetName.BYTES);
      armed[i] = rests;
      int at = i * MessageHeader.MANY_BYTES;
      MessageHeader.setName(
          messages, at, NativeBytes.address(bytes) + i * InetName.BYTES, InetName.BYTES);
      MessageHeader.setVectors(
          messages, at, NativeBytes.address(vectors) + 2L * i * MessageHeader.VECTOR, 2);
      int rest = (2 * i + 1) * MessageHeader.VECTOR;
      vectors.putLong(rest, NativeBytes.address(rests) + (long) i * LONGEST);
      vectors.putLong(rest + 8, LONGEST);
    }
  }

  /** Where the datagram at {@code place} begins: {@code length} bytes of a direct buffer. */
  public void arm(int place, ByteBuffer buffer, int index, int length) {
    Preconditions.checkPositionIndexes(index, index + length, buffer.capacity());
    armed[place] = buffer;
    int at = 2 * place * MessageHeader.VECTOR;
    vectors.putLong(at, NativeBytes.address(buffer) + index).putLong(at + 8, length);
  }

  /** Nothing is put before the rest: {@link #copyRest} has the whole datagram. */
  public void disarm(int place) {
    arm(place, rests, 0, 0);
  }

  /**
   * Takes at most {@code most} waiting datagrams; how many, 0 when none waits or the socket failed
   * ({@link DirectSocket#errno} says which).
   */
  public int receive(DirectSocket socket, int most) {
    long controls = NativeBytes.address(control);
    for (int i = 0; i < most; i++) {
      int at = i * MessageHeader.MANY_BYTES;
      MessageHeader.setControl(messages, at, controls + i * CONTROL_BYTES, CONTROL_BYTES);
      messages.putInt(at + 8, InetName.BYTES);
    }
    return Math.max(0, socket.receiveMessages(messages, most));
  }

  /** Bytes of a datagram received. */
  public int length(int place) {
    return MessageHeader.received(messages, place * MessageHeader.MANY_BYTES);
  }

  /** Who sent it. Valid until the next {@link #receive}. */
  public InetName sender(int place) {
    return names[place];
  }

  /**
   * The TTL it came with, where the socket was told to say so.
   *
   * @param unknown what else to return
   */
  public int ttl(int place, int unknown) {
    int length = MessageHeader.controlLength(messages, place * MessageHeader.MANY_BYTES);
    int at =
        MessageHeader.findControl(
            control, place * CONTROL_BYTES, Math.min(length, CONTROL_BYTES), IPPROTO_IP, IP_TTL);
    return at < 0 ? unknown : control.getInt(at);
  }

  /** Copies what didn't fit the caller's buffer. */
  public void copyRest(int place, ByteBuffer into, int index, int length) {
    into.put(index, rests, place * LONGEST, length);
  }
}
