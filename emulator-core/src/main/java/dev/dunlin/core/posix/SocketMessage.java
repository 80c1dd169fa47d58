package dev.dunlin.core.posix;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * One msghdr with its iovec, data and control buffer (recvmsg(2), cmsg(3); the layout of 64-bit
 * Linux), used again for every message of a socket. One thread at a time.
 */
final class SocketMessage {
  static final int DATA_BYTES = 4096;

  /** QEMU takes as many in one message (TCP_MAX_FDS in chardev/char-socket.c). */
  static final int MAX_FDS = 16;

  private static final int HEADER_BYTES = 56;
  private static final int IOV = 16;
  private static final int IOV_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int CMSG_HEADER = 16;
  private static final int CONTROL_BYTES = CMSG_HEADER + 4 * MAX_FDS;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  private final ByteBuffer header = allocate(HEADER_BYTES);
  private final ByteBuffer iov = allocate(16);
  private final ByteBuffer data = allocate(DATA_BYTES);
  private final ByteBuffer control = allocate(CONTROL_BYTES);

  ByteBuffer forReceiving(int wanted) {
    prepare(Math.min(wanted, DATA_BYTES), CONTROL_BYTES);
    return header;
  }

  /** Copies up to {@link #DATA_BYTES} of {@code from}, without moving its position. */
  ByteBuffer forSending(ByteBuffer from, List<Integer> fds) {
    byte[] bytes = new byte[Math.min(from.remaining(), DATA_BYTES)];
    from.get(from.position(), bytes);
    data.put(0, bytes);
    int controlLength = fds.isEmpty() ? 0 : CMSG_HEADER + 4 * fds.size();
    prepare(bytes.length, (controlLength + 7) & ~7);
    if (!fds.isEmpty()) {
      control.putLong(0, controlLength);
      control.putInt(8, SOL_SOCKET);
      control.putInt(12, SCM_RIGHTS);
      for (int i = 0; i < fds.size(); i++) {
        control.putInt(CMSG_HEADER + 4 * i, fds.get(i));
      }
    }
    return header;
  }

  void copyData(int length, ByteBuffer into) {
    byte[] bytes = new byte[length];
    data.get(0, bytes);
    into.put(bytes);
  }

  /** The descriptors that came, owned by the caller: closed by nobody else. */
  ImmutableList<Fd> receivedFds() {
    ImmutableList.Builder<Fd> fds = ImmutableList.builder();
    long end = Math.min(header.getLong(CONTROL_LENGTH), CONTROL_BYTES);
    int at = 0;
    while (at + CMSG_HEADER <= end) {
      long length = control.getLong(at);
      if (length < CMSG_HEADER || at + length > end) {
        break;
      }
      if (control.getInt(at + 8) == SOL_SOCKET && control.getInt(at + 12) == SCM_RIGHTS) {
        for (int fd = at + CMSG_HEADER; fd + 4 <= at + length; fd += 4) {
          fds.add(Fd.owning(control.getInt(fd)));
        }
      }
      at += ((int) length + 7) & ~7;
    }
    return fds.build();
  }

  private void prepare(int dataLength, int controlLength) {
    iov.putLong(0, address(data)).putLong(8, dataLength);
    header.put(0, new byte[HEADER_BYTES]);
    header.putLong(IOV, address(iov)).putLong(IOV_COUNT, 1);
    header.putLong(CONTROL, controlLength == 0 ? 0 : address(control));
    header.putLong(CONTROL_LENGTH, controlLength);
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Direct buffers don't move; these live as long as this object. */
  private static long address(ByteBuffer direct) {
    return Pointer.wrap(Runtime.getSystemRuntime(), direct).address();
  }
}
