package dev.dunlin.core.posix;

import java.nio.ByteBuffer;

/** epoll(7), bound when the first loop is made. Events are laid out by {@link EpollEvents}. */
final class LibcEpoll {
  static final Calls LIBC = NativeLibrary.bind(Calls.class);

  private LibcEpoll() {}

  /** As in the manual's section 2. */
  public interface Calls {
    int epoll_create1(int flags);

    int epoll_ctl(int epfd, int operation, int fd, ByteBuffer event);

    int epoll_wait(int epfd, ByteBuffer events, int maxEvents, int timeoutMillis);
  }
}
