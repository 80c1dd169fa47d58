package dev.dunlin.slirp.tcp;

/** What came of asking for a connection to the guest. */
public sealed interface Opening {
  /** A SYN is on its way; events of the host's stream go to the listener. */
  record Opened(TcpHost.Listener listener) implements Opening {}

  /** A connection with these two ends exists; another source port may do. */
  record Taken() implements Opening {}

  /** Too many connections are in use. */
  record Full() implements Opening {}
}
