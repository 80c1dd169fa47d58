package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableList;
import java.util.OptionalInt;

/** Where a human command talks to: a session's device, or the buffer of a QMP call. Loop thread. */
public interface HmpConsole {

  void print(String text);

  /** Runs {@code action} later, when more output is taken. */
  void whenWritable(Runnable action);

  /** Whether it is a session's device, and still there. */
  boolean isInteractive();

  /** Whether that device is a terminal of this process, where a line can be written over. */
  default boolean isTerminal() {
    return false;
  }

  /** Runs {@code action} when the device goes away before the present command is over. */
  void onDisconnect(Runnable action);

  /** Lines typed here, oldest first. */
  ImmutableList<String> history();

  OptionalInt takeReceivedFd();
}
