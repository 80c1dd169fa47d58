package dev.dunlin.slirp.forward;

import dev.dunlin.slirp.wire.IpAddr;

/** One listening socket of the host, forwarded to the guest. Any thread, but {@link #close}. */
public interface HostForward {

  /** Where it really listens: a port 0 has become the one that the kernel picked. */
  HostEndpoint endpoint();

  IpAddr guest();

  int guestPort();

  /** Connections reset and datagrams dropped so far because no guest was there to take them. */
  long refused();

  /** The host's number for the socket, as {@code info usernet} shows it. */
  int descriptor();

  /** Closes the socket; a unix socket's file goes with it. On the network's thread. */
  void close();
}
