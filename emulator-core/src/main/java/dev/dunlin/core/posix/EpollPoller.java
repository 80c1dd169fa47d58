package dev.dunlin.core.posix;

import com.google.common.base.Preconditions;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.FdPoller;
import dev.dunlin.core.loop.TokenTable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;

/**
 * {@link FdPoller} over epoll(7), level-triggered, keyed by token. Loop thread, but {@link
 * #wakeup}.
 *
 * <p>Regular files and /dev/null cannot be waited for (epoll_ctl says EPERM); poll(2) calls them
 * always ready, and so does this. A descriptor nobody is interested in is taken out of epoll, which
 * would otherwise report its hang-up for ever.
 */
public final class EpollPoller implements FdPoller {
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLL_CTL_MOD = 3;

  /** One round's events; the rest are still ready in the next. */
  private static final int BATCH = 64;

  /** Tokens of the loop count up from 1. */
  private static final long WAKEUP_TOKEN = 0;

  private final Fd epoll;
  private final EventFd wakeup;
  private final EpollEvents events = new EpollEvents(BATCH);
  private final EpollEvents change = new EpollEvents(1);

  /** What is registered, by token: tells an interest of NONE and the always ready apart. */
  private final TokenTable<Registration> registrations = new TokenTable<>();

  /** Those of them that epoll doesn't take, in their order. */
  private final List<Registration> alwaysReady = new ArrayList<>();

  private static final class Registration {
    private final long token;
    private Mode mode = Mode.OUT_OF_EPOLL;
    private FdEvents interest = FdEvents.NONE;

    Registration(long token) {
      this.token = token;
    }

    boolean isReadyNow() {
      return mode == Mode.ALWAYS_READY && (interest.readable() || interest.writable());
    }
  }

  private enum Mode {
    IN_EPOLL,
    OUT_OF_EPOLL,
    ALWAYS_READY
  }

  private EpollPoller(Fd epoll, EventFd wakeup) {
    this.epoll = epoll;
    this.wakeup = wakeup;
  }

  public static EpollPoller open() throws PosixException {
    int number = LibcEpoll.LIBC.epoll_create1(Fcntl.O_CLOEXEC);
    if (number < 0) {
      throw new PosixException("epoll_create1", "", NativeLibrary.errno());
    }
    Fd epoll = Fd.owning(number);
    try {
      EventFd wakeup = EventFd.open();
      EpollPoller poller = new EpollPoller(epoll, wakeup);
      poller.control(EPOLL_CTL_ADD, wakeup.number(), WAKEUP_TOKEN, FdEvents.READ);
      return poller;
    } catch (PosixException e) {
      epoll.close();
      throw e;
    }
  }

  @Override
  public void add(int fd, long token, FdEvents interest) {
    Preconditions.checkArgument(token != WAKEUP_TOKEN, "token 0 is the poller's own");
    Registration added = new Registration(token);
    insert(added, fd, interest);
    added.interest = interest;
    registrations.put(token, added);
  }

  @Override
  public void modify(int fd, long token, FdEvents interest) {
    Registration changed = registrations.get(token);
    Preconditions.checkState(changed != null, "token %s is not registered", token);
    if (changed.interest.equals(interest)) {
      return;
    }
    if (changed.mode == Mode.OUT_OF_EPOLL) {
      insert(changed, fd, interest);
    } else if (changed.mode == Mode.IN_EPOLL) {
      boolean wanted = interest.isAny();
      control(wanted ? EPOLL_CTL_MOD : EPOLL_CTL_DEL, fd, token, interest);
      changed.mode = wanted ? Mode.IN_EPOLL : Mode.OUT_OF_EPOLL;
    }
    changed.interest = interest;
  }

  @Override
  public void remove(int fd, long token) {
    Registration before = registrations.remove(token);
    if (before == null) {
      return;
    }
    if (before.mode == Mode.ALWAYS_READY) {
      alwaysReady.remove(before);
    }
    if (before.mode == Mode.IN_EPOLL) {
      int errno = tryControl(EPOLL_CTL_DEL, fd, token, FdEvents.NONE);
      if (errno != 0) {
        // The fd was closed before its watch: a copy in some child may keep reporting this token,
        // which the loop no longer knows and so ignores.
        LogManager.getLogger(EpollPoller.class)
            .error("fd {} was closed while watched: {}", fd, Errno.describe(errno));
      }
    }
  }

  @Override
  public void poll(long timeoutNanos, Sink sink) {
    List<Registration> readyAnyway = alwaysReady.isEmpty() ? List.of() : readyAnyway();
    int count = waitForEvents(readyAnyway.isEmpty() ? timeoutNanos : 0);
    for (int i = 0; i < count; i++) {
      if (events.token(i) == WAKEUP_TOKEN) {
        wakeup.drain();
      } else {
        sink.ready(events.token(i), PollBits.toEvents(events.bits(i)));
      }
    }
    for (int i = 0; i < readyAnyway.size(); i++) {
      Registration ready = readyAnyway.get(i);
      // An earlier handler of this round may have taken it out.
      if (registrations.get(ready.token) != null && ready.isReadyNow()) {
        sink.ready(ready.token, ready.interest);
      }
    }
  }

  private List<Registration> readyAnyway() {
    return alwaysReady.stream().filter(Registration::isReadyNow).toList();
  }

  @Override
  public void wakeup() {
    wakeup.signal();
  }

  @Override
  public void close() {
    wakeup.close();
    epoll.close();
  }

  private int waitForEvents(long timeoutNanos) {
    int millis = timeoutNanos < 0 ? -1 : PollBits.millisRoundedUp(timeoutNanos);
    int count =
        LibcEpoll.LIBC.epoll_wait(epoll.number(), events.memory(), events.capacity(), millis);
    if (count >= 0) {
      return count;
    }
    int errno = NativeLibrary.errno();
    if (errno != Errno.EINTR) {
      throw new UncheckedIOException(new PosixException("epoll_wait", "", errno));
    }
    return 0;
  }

  private void insert(Registration into, int fd, FdEvents interest) {
    if (!interest.isAny()) {
      return;
    }
    int errno = tryControl(EPOLL_CTL_ADD, fd, into.token, interest);
    if (errno == Errno.EPERM) {
      into.mode = Mode.ALWAYS_READY;
      alwaysReady.add(into);
      return;
    }
    check(errno, EPOLL_CTL_ADD, fd);
    into.mode = Mode.IN_EPOLL;
  }

  private void control(int operation, int fd, long token, FdEvents interest) {
    check(tryControl(operation, fd, token, interest), operation, fd);
  }

  private int tryControl(int operation, int fd, long token, FdEvents interest) {
    change.set(0, PollBits.of(interest), token);
    int result = LibcEpoll.LIBC.epoll_ctl(epoll.number(), operation, fd, change.memory());
    return result == 0 ? 0 : NativeLibrary.errno();
  }

  private static void check(int errno, int operation, int fd) {
    if (errno != 0) {
      throw new UncheckedIOException(
          new PosixException("epoll_ctl", "operation " + operation + " on fd " + fd, errno));
    }
  }
}
