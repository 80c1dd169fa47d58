package dev.dunlin.core.posix;

import java.util.Optional;

/**
 * The master side of a pseudo-terminal (pty(7)), with nobody at its other side yet. Non-blocking,
 * close-on-exec.
 */
public final class PseudoTerminal implements AutoCloseable {
  private static final long TIOCGPTN = 0x8004_5430L;
  private static final long TIOCSPTLCK = 0x4004_5431L;

  private final Fd master;
  private final String name;

  private PseudoTerminal(Fd master, String name) {
    this.master = master;
    this.name = name;
  }

  public static PseudoTerminal open() throws PosixException {
    Fd master = OpenFile.forBoth("/dev/ptmx");
    try {
      int[] number = new int[1];
      control(master, TIOCSPTLCK, number);
      control(master, TIOCGPTN, number);
      PseudoTerminal opened = new PseudoTerminal(master, "/dev/pts/" + number[0]);
      opened.leave();
      return opened;
    } catch (PosixException e) {
      master.close();
      throw e;
    }
  }

  /** The master counts as hung up only after somebody has left: that is us, once. */
  private void leave() throws PosixException {
    OpenFile.forBoth(name).close();
  }

  /**
   * Lets bytes through as they are, both ways; with an echo, what we say would come back as input.
   * To be done when somebody has come: the last to leave resets the modes.
   */
  public void makeRaw() throws PosixException {
    Optional<Terminal> terminal = Terminal.on(master.number());
    if (terminal.isPresent()) {
      terminal.get().makeRaw();
    }
  }

  private static void control(Fd master, long request, int[] value) throws PosixException {
    long result = master.use("ioctl", number -> LibcIo.LIBC.ioctl(number, request, value));
    if (result < 0) {
      throw new PosixException("ioctl", "/dev/ptmx", (int) -result);
    }
  }

  /** What a user opens: {@code /dev/pts/3}. */
  public String name() {
    return name;
  }

  public Fd master() {
    return master;
  }

  @Override
  public void close() {
    master.close();
  }
}
