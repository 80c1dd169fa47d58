package dev.dunlin.core.loop.testing;

import com.google.common.base.Preconditions;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.FdPoller;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A kernel by hand: a test says which descriptors are ready, level-triggered, until it says
 * otherwise. Instead of waiting it moves its {@link ManualClock}. Not a thread's friend: one
 * thread, but {@link #wakeup}.
 */
public final class FakePoller implements FdPoller {
  private final ManualClock clock;
  private final Map<Long, Registered> registered = new LinkedHashMap<>();
  private final Map<Integer, FdEvents> ready = new LinkedHashMap<>();
  private volatile boolean woken;
  private boolean closed;

  private record Registered(int fd, FdEvents interest) {}

  public FakePoller(ManualClock clock) {
    this.clock = clock;
  }

  /** From now on {@code fd} is in this state; {@link FdEvents#NONE} for not ready. */
  public void setReady(int fd, FdEvents events) {
    ready.put(fd, events);
  }

  /** Whether anything watches {@code fd}. */
  public boolean isRegistered(int fd) {
    return registered.values().stream().anyMatch(entry -> entry.fd() == fd);
  }

  public int registeredCount() {
    return registered.size();
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public void add(int fd, long token, FdEvents interest) {
    Preconditions.checkState(!isRegistered(fd), "EEXIST: fd %s is watched already", fd);
    registered.put(token, new Registered(fd, interest));
  }

  @Override
  public void modify(int fd, long token, FdEvents interest) {
    Preconditions.checkState(registered.containsKey(token), "ENOENT: token %s", token);
    registered.put(token, new Registered(fd, interest));
  }

  @Override
  public void remove(int fd, long token) {
    registered.remove(token);
  }

  /** Reports what is ready; when nothing is, lets {@code timeoutNanos} pass on the clock. */
  @Override
  public void poll(long timeoutNanos, Sink sink) {
    List<Map.Entry<Long, FdEvents>> found =
        registered.entrySet().stream()
            .map(entry -> Map.entry(entry.getKey(), find(entry.getValue())))
            .filter(entry -> !entry.getValue().equals(FdEvents.NONE))
            .toList();
    if (found.isEmpty() && !woken) {
      Preconditions.checkState(timeoutNanos >= 0, "the loop would wait for ever");
      clock.advanceNanos(timeoutNanos);
    }
    woken = false;
    found.forEach(entry -> sink.ready(entry.getKey(), entry.getValue()));
  }

  @Override
  public void wakeup() {
    woken = true;
  }

  @Override
  public void close() {
    closed = true;
  }

  private FdEvents find(Registered entry) {
    FdEvents is = ready.getOrDefault(entry.fd(), FdEvents.NONE);
    FdEvents wanted = entry.interest();
    if (wanted.equals(FdEvents.NONE)) {
      return FdEvents.NONE;
    }
    return new FdEvents(
        is.readable() && wanted.readable(), is.writable() && wanted.writable(), is.hangup());
  }
}
