package dev.dunlin.core.posix;

import java.nio.ByteBuffer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** Terminal attributes (termios(3)), bound when a terminal is first asked about. */
final class LibcTerminal {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcTerminal() {}

  /** As in the manual; buffers are direct ones. */
  public interface Calls {
    int isatty(int fd);

    int tcgetattr(int fd, @Out ByteBuffer termios);

    int tcsetattr(int fd, int actions, @In ByteBuffer termios);
  }
}
