package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One queue of a TAP interface (Linux's Documentation/networking/tuntap.rst; ioctls of
 * linux/if_tun.h). Non-blocking, close-on-exec; frames have no packet information before them. One
 * thread at a time.
 */
public final class TapDevice implements AutoCloseable {
  /** IFNAMSIZ with its NUL. */
  public static final int MAX_NAME = 15;

  private static final String CLONE_DEVICE = "/dev/net/tun";
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final long TUNSETIFF = 0x4004_54caL;
  private static final long TUNGETIFF = 0x8004_54d2L;
  private static final long TUNSETOFFLOAD = 0x4004_54d0L;
  private static final long TUNSETSNDBUF = 0x4004_54d4L;
  private static final long TUNSETVNETHDRSZ = 0x4004_54d8L;
  private static final short IFF_TAP = 2;
  private static final short IFF_NO_PI = 0x1000;
  private static final short IFF_VNET_HDR = 0x4000;
  private static final int TUN_F_CSUM = 1;
  private static final int TUN_F_TSO4 = 2;
  private static final int TUN_F_TSO6 = 4;
  private static final int TUN_F_TSO_ECN = 8;

  private static final LibcLink.Calls LIBC = LibcLink.LIBC;

  private final Fd fd;
  private final String name;
  private final boolean vnetHeader;
  private final FrameVectors vectors = new FrameVectors();

  private TapDevice(Fd fd, String name, boolean vnetHeader) {
    this.fd = fd;
    this.name = name;
    this.vnetHeader = vnetHeader;
  }

  /**
   * Attaches to the interface of this name, making it if there is none; {@code %d} in it is a
   * number that the kernel picks. In the network namespace of the calling thread.
   */
  public static TapDevice open(String pattern, boolean vnetHeader) throws PosixException {
    Fd fd = Fd.open(CLONE_DEVICE, Fcntl.O_RDWR | Fcntl.O_NONBLOCK, 0);
    try {
      ByteBuffer request = ifreq();
      byte[] bytes = pattern.getBytes(StandardCharsets.UTF_8);
      request.put(0, bytes, 0, Math.min(bytes.length, MAX_NAME));
      request.putShort(
          IFREQ_FLAGS, (short) (IFF_TAP | IFF_NO_PI | (vnetHeader ? IFF_VNET_HDR : 0)));
      check(LIBC.ioctl(fd.number(), TUNSETIFF, request), "ioctl(TUNSETIFF)", pattern);
      return new TapDevice(fd, nameIn(request), vnetHeader);
    } catch (PosixException e) {
      fd.close();
      throw e;
    }
  }

  /**
   * Takes charge of a descriptor that somebody else opened.
   *
   * @throws PosixException when it isn't a TUN or TAP device at all
   */
  public static TapDevice adopt(Fd fd) throws PosixException {
    ByteBuffer request = ifreq();
    check(LIBC.ioctl(fd.number(), TUNGETIFF, request), "TUNGETIFF on FD", fd.toString());
    fd.setNonBlocking(true);
    fd.setCloseOnExec(true);
    boolean header = (request.getShort(IFREQ_FLAGS) & IFF_VNET_HDR) != 0;
    return new TapDevice(fd, nameIn(request), header);
  }

  /** As the kernel has it: {@code tap0}. */
  public String name() {
    return name;
  }

  /** Whether a {@code virtio_net_hdr} of 10 bytes goes before each frame, both ways. */
  public boolean hasVnetHeader() {
    return vnetHeader;
  }

  /** Makes sure of the header's length: another user of the interface may have changed it. */
  public void setVnetHeaderLength(int bytes) throws PosixException {
    ByteBuffer value = number(bytes);
    check(LIBC.ioctl(fd.number(), TUNSETVNETHDRSZ, value), "ioctl(TUNSETVNETHDRSZ)", name);
  }

  /** Which work the kernel may leave to us in the frames that we read. */
  public void setOffload(boolean checksum, boolean tcp4, boolean tcp6) throws PosixException {
    // Segmentation without partial checksums doesn't exist (drivers/net/tun.c, set_offload).
    int flags = checksum ? TUN_F_CSUM : 0;
    flags |= checksum && tcp4 ? TUN_F_TSO4 | TUN_F_TSO_ECN : 0;
    flags |= checksum && tcp6 ? TUN_F_TSO6 | TUN_F_TSO_ECN : 0;
    check(LIBC.ioctl(fd.number(), TUNSETOFFLOAD, (long) flags), "ioctl(TUNSETOFFLOAD)", name);
  }

  /** How many bytes written to it may wait in the host's network. */
  public void setSendBuffer(int bytes) throws PosixException {
    check(LIBC.ioctl(fd.number(), TUNSETSNDBUF, number(bytes)), "ioctl(TUNSETSNDBUF)", name);
  }

  /**
   * Reads one frame into two pieces of memory, the second used only when the first is full.
   *
   * @return its length, 0 when none is waiting
   */
  public int read(long first, int firstLength, long second, int secondLength)
      throws PosixException {
    long list = vectors.of(first, firstLength, second, secondLength);
    while (true) {
      long count = LIBC.readv(fd.number(), list, 2);
      if (count >= 0) {
        return (int) count;
      }
      int errno = NativeLibrary.errno();
      if (errno == Errno.EAGAIN) {
        return 0;
      }
      if (errno != Errno.EINTR) {
        throw new PosixException("read", name, errno);
      }
    }
  }

  /** Writes one frame; false when the host has no room for it now. */
  public boolean write(long address, int length) throws PosixException {
    while (true) {
      if (LIBC.write(fd.number(), address, length) >= 0) {
        return true;
      }
      int errno = NativeLibrary.errno();
      if (errno == Errno.EAGAIN) {
        return false;
      }
      if (errno != Errno.EINTR) {
        throw new PosixException("write", name, errno);
      }
    }
  }

  public int number() {
    return fd.number();
  }

  @Override
  public void close() {
    fd.close();
  }

  private static ByteBuffer ifreq() {
    return ByteBuffer.allocateDirect(IFREQ_BYTES).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer number(int value) {
    return ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder()).putInt(0, value);
  }

  private static String nameIn(ByteBuffer request) {
    int end = 0;
    while (end < MAX_NAME && request.get(end) != 0) {
      end++;
    }
    byte[] name = new byte[end];
    request.get(0, name);
    return new String(name, StandardCharsets.UTF_8);
  }

  private static void check(int result, String call, String detail) throws PosixException {
    if (result < 0) {
      throw new PosixException(call, detail, NativeLibrary.errno());
    }
  }
}
