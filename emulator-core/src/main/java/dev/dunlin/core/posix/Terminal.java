package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The terminal on a descriptor and the attributes it had when it was first seen, to be given back
 * at the end. Any thread, one at a time. The struct is glibc's of Linux.
 */
public final class Terminal {
  private static final int TERMIOS_BYTES = 60;
  private static final int IFLAG = 0;
  private static final int OFLAG = 4;
  private static final int CFLAG = 8;
  private static final int LFLAG = 12;
  private static final int CC = 17;
  private static final int VTIME = 5;
  private static final int VMIN = 6;
  private static final int TCSANOW = 0;

  /** IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON: input comes as it was typed. */
  private static final int IFLAG_COOKED = 01 | 02 | 010 | 040 | 0100 | 0200 | 0400 | 02000;

  private static final int OPOST = 01;
  private static final int CSIZE = 060;
  private static final int CS8 = 060;
  private static final int PARENB = 0400;
  private static final int CSTOPB = 0100;
  private static final int CREAD = 0200;
  private static final int CLOCAL = 04000;
  private static final int CBAUD = 010017;
  private static final int B115200 = 010002;
  private static final int ISPEED = 52;
  private static final int OSPEED = 56;
  private static final int ISIG = 01;
  private static final int ICANON = 02;
  private static final int ECHO = 010;
  private static final int ECHONL = 0100;
  private static final int IEXTEN = 0100000;

  private final int fd;
  private final ByteBuffer original;

  private Terminal(int fd, ByteBuffer original) {
    this.fd = fd;
    this.original = original;
  }

  public static boolean isTerminal(int fd) {
    return LibcTerminal.LIBC.isatty(fd) == 1;
  }

  /** The terminal on {@code fd}, or empty when it is none. */
  public static Optional<Terminal> on(int fd) {
    ByteBuffer termios = buffer();
    if (!isTerminal(fd) || LibcTerminal.LIBC.tcgetattr(fd, termios) < 0) {
      return Optional.empty();
    }
    return Optional.of(new Terminal(fd, termios));
  }

  /**
   * Sets the modes that QEMU's stdio has (qemu_chr_set_echo_stdio in chardev/char-stdio.c): without
   * {@code echo} every byte comes at once and is echoed by us.
   *
   * @param signals whether ^C and ^Z still make signals
   */
  public void setModes(boolean echo, boolean signals) throws PosixException {
    ByteBuffer termios = buffer().put(0, original, 0, TERMIOS_BYTES);
    if (!echo) {
      change(termios, IFLAG, IFLAG_COOKED, 0);
      change(termios, OFLAG, 0, OPOST);
      change(termios, LFLAG, ECHO | ECHONL | ICANON | IEXTEN, 0);
      change(termios, CFLAG, CSIZE | PARENB, CS8);
      termios.put(CC + VMIN, (byte) 1).put(CC + VTIME, (byte) 0);
    }
    if (!signals) {
      change(termios, LFLAG, ISIG, 0);
    }
    apply(termios);
  }

  /** Raw, 115200 baud, eight bits, no parity: a serial line as QEMU opens it (char-serial.c). */
  public void setSerialModes() throws PosixException {
    ByteBuffer termios = raw();
    change(termios, CFLAG, CBAUD | CSTOPB, B115200 | CREAD | CLOCAL);
    apply(termios.putInt(ISPEED, B115200).putInt(OSPEED, B115200));
  }

  /** Lets every byte through as it is, both ways (cfmakeraw in termios(3)). */
  public void makeRaw() throws PosixException {
    apply(raw());
  }

  private ByteBuffer raw() {
    ByteBuffer termios = buffer().put(0, original, 0, TERMIOS_BYTES);
    change(termios, IFLAG, IFLAG_COOKED, 0);
    change(termios, OFLAG, OPOST, 0);
    change(termios, LFLAG, ECHO | ECHONL | ICANON | ISIG | IEXTEN, 0);
    change(termios, CFLAG, CSIZE | PARENB, CS8);
    return termios.put(CC + VMIN, (byte) 1).put(CC + VTIME, (byte) 0);
  }

  /** Gives the attributes back. */
  public void restore() throws PosixException {
    apply(original);
  }

  private void apply(ByteBuffer termios) throws PosixException {
    if (LibcTerminal.LIBC.tcsetattr(fd, TCSANOW, termios) < 0) {
      throw new PosixException("tcsetattr", "fd " + fd, NativeLibrary.errno());
    }
  }

  private static void change(ByteBuffer termios, int flags, int clear, int set) {
    termios.putInt(flags, termios.getInt(flags) & ~clear | set);
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(TERMIOS_BYTES).order(ByteOrder.nativeOrder());
  }
}
