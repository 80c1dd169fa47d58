package dev.dunlin.core.posix;

import java.util.Optional;

/** Opens files and devices for character devices: non-blocking, close-on-exec. */
public final class OpenFile {
  private static final int O_TRUNC = 01000;
  private static final int O_APPEND = 02000;
  private static final int O_NOCTTY = 0400;

  private OpenFile() {}

  /** For writing, made if missing; emptied unless {@code append}. */
  public static Fd forWriting(String path, boolean append) throws PosixException {
    int flags = Fcntl.O_WRONLY | Fcntl.O_CREAT | (append ? O_APPEND : O_TRUNC);
    return Fd.open(path, flags | Fcntl.O_NONBLOCK | O_NOCTTY, 0666);
  }

  /** For both: a FIFO opened so has always a reader and a writer. */
  public static Fd forBoth(String path) throws PosixException {
    return Fd.open(path, Fcntl.O_RDWR | Fcntl.O_NONBLOCK | O_NOCTTY, 0);
  }

  /**
   * A non-blocking description of our own of the pipe or terminal behind {@code number}: O_NONBLOCK
   * on the one we were given would be felt by the shell and by everybody else who shares it. Empty
   * where that can't be had (sockets, foreign terminals).
   */
  public static Optional<Fd> again(int number, boolean forWriting) {
    int mode = forWriting ? Fcntl.O_WRONLY : Fcntl.O_RDONLY;
    try {
      return Optional.of(Fd.open("/proc/self/fd/" + number, mode | Fcntl.O_NONBLOCK | O_NOCTTY, 0));
    } catch (PosixException notReopenable) {
      return Optional.empty();
    }
  }
}
