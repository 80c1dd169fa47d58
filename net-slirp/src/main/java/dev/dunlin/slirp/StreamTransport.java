package dev.dunlin.slirp;

import dev.dunlin.core.net.Offload;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.icmp.GuestErrors;
import dev.dunlin.slirp.ip.TransportInput;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.tcp.SavedFlow;
import dev.dunlin.slirp.tcp.TcpDestinations;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.List;
import java.util.function.Consumer;

/** What serves TCP on a user network: fills the place that the stack keeps for it. */
public interface StreamTransport extends TransportInput, GuestErrors, Timed {

  /**
   * Takes a connection that came to a forwarded port of the host; false when no guest can be
   * reached, and it is reset.
   */
  boolean accept(DirectSocket connection, HostForward forward, IpAddr peer, int peerPort, long now);

  /** Where services are bound. */
  TcpDestinations destinations();

  /** What the guest's link takes from now on. */
  void linkChanged(Offload receivers);

  /** Shows every connection. */
  void visit(Consumer<ConnectionInfo> visitor);

  /** The connections that the guest knows of. */
  List<SavedFlow> save();

  /**
   * The guest is the one of these connections now.
   *
   * @param rolledBack whether it was behind this network until now, at another moment of its life
   * @return how many of them go on; the guest is told that the others are broken
   */
  int restore(List<SavedFlow> saved, boolean rolledBack, long now);

  /** Ends every connection. */
  void close();

  /** Makes one for a stack that is being built. */
  @FunctionalInterface
  interface Factory {
    StreamTransport create(UserStack stack);
  }
}
