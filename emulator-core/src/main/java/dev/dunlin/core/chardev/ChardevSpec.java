package dev.dunlin.core.chardev;

import java.time.Duration;

/** What a device is to be, as understood from an option; nothing is opened yet. */
public sealed interface ChardevSpec {

  /** Standard input and output; {@code signals} whether ^C still is one. */
  record Stdio(boolean signals) implements ChardevSpec {}

  record Null() implements ChardevSpec {}

  record File(String path, boolean append) implements ChardevSpec {}

  record Pipe(String path) implements ChardevSpec {}

  record Pty() implements ChardevSpec {}

  record Serial(String path) implements ChardevSpec {}

  record Ringbuf(int size) implements ChardevSpec {}

  /**
   * A stream socket.
   *
   * @param waits whether a server's start waits for its first client
   * @param reconnect how long a client waits before it tries again; zero for never
   */
  record Socket(
      Address address,
      boolean server,
      boolean waits,
      boolean telnet,
      boolean noDelay,
      Duration reconnect)
      implements ChardevSpec {}

  /** Where a socket is. */
  sealed interface Address {}

  record Unix(String path) implements Address {}

  /** {@code lastPort} is above {@code port} when a server may try the ports between. */
  record Tcp(String host, String port, int lastPort, boolean ipv4, boolean ipv6)
      implements Address {}

  /** A socket that this process was started with, by number, or one that {@code getfd} named. */
  record Passed(String name) implements Address {}
}
