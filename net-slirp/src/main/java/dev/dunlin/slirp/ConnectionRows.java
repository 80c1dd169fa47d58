package dev.dunlin.slirp;

import dev.dunlin.slirp.wire.IpAddr;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Flows of the stack as lines of {@code info usernet}. */
final class ConnectionRows {
  private final Consumer<ConnectionInfo> visitor;

  ConnectionRows(Consumer<ConnectionInfo> visitor) {
    this.visitor = visitor;
  }

  void flow(
      int descriptor,
      IpAddr guest,
      int guestPort,
      IpAddr remote,
      int remotePort,
      long idleNanos,
      boolean forwarded) {
    // A forward's flow was begun by the other side.
    visitor.accept(
        new ConnectionInfo(
            "UDP",
            seconds(idleNanos),
            descriptor,
            (forwarded ? remote : guest).toString(),
            OptionalInt.of(forwarded ? remotePort : guestPort),
            (forwarded ? guest : remote).toString(),
            OptionalInt.of(forwarded ? guestPort : remotePort),
            0,
            0));
  }

  void echo(int descriptor, IpAddr guest, IpAddr destination, long idleNanos) {
    OptionalInt none = OptionalInt.empty();
    visitor.accept(
        new ConnectionInfo(
            "ICMP",
            seconds(idleNanos),
            descriptor,
            guest.toString(),
            none,
            destination.toString(),
            none,
            0,
            0));
  }

  private static String seconds(long nanos) {
    return Math.max(0, TimeUnit.NANOSECONDS.toSeconds(nanos)) + " sec";
  }
}
