package dev.dunlin.core.posix;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Descriptors that came over a unix monitor, by the name that {@code getfd} gave them. Loop thread.
 */
public final class FdStore {
  private final Map<String, Integer> fds = new HashMap<>();

  /** Keeps {@code fd}; one of the same name before it is returned for closing. */
  public OptionalInt put(String name, int fd) {
    Integer before = fds.put(name, fd);
    return before == null ? OptionalInt.empty() : OptionalInt.of(before);
  }

  /** Hands the descriptor over: the caller owns it from now on. */
  public OptionalInt take(String name) {
    Integer fd = fds.remove(name);
    return fd == null ? OptionalInt.empty() : OptionalInt.of(fd);
  }

  /** Hands all of them over, for closing at the end. */
  public ImmutableList<Integer> takeAll() {
    ImmutableList<Integer> all = ImmutableList.copyOf(fds.values());
    fds.clear();
    return all;
  }
}
