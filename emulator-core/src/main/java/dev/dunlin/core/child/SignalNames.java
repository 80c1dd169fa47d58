package dev.dunlin.core.child;

import com.google.common.collect.ImmutableMap;

/** Names of the signals that end children (signal(7), the generic Linux numbers). */
final class SignalNames {
  private static final ImmutableMap<Integer, String> NAMES =
      ImmutableMap.<Integer, String>builder()
          .put(1, "SIGHUP")
          .put(2, "SIGINT")
          .put(3, "SIGQUIT")
          .put(4, "SIGILL")
          .put(5, "SIGTRAP")
          .put(6, "SIGABRT")
          .put(7, "SIGBUS")
          .put(8, "SIGFPE")
          .put(9, "SIGKILL")
          .put(10, "SIGUSR1")
          .put(11, "SIGSEGV")
          .put(12, "SIGUSR2")
          .put(13, "SIGPIPE")
          .put(14, "SIGALRM")
          .put(15, "SIGTERM")
          .put(24, "SIGXCPU")
          .put(25, "SIGXFSZ")
          .put(31, "SIGSYS")
          .buildOrThrow();

  private SignalNames() {}

  /** {@code " (SIGKILL)"}, or nothing for a signal without a common name. */
  static String parenthesised(int signal) {
    String name = NAMES.get(signal);
    return name == null ? "" : " (" + name + ")";
  }
}
