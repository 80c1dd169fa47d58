package dev.dunlin.slirp.host;

import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.ErrorQueue;
import dev.dunlin.core.posix.InetName;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.Optional;

/** What errno and the error queue say, in terms of the ICMP error that the guest is to get. */
final class HostErrors {
  // RFC 1812 section 5.2.7.1: codes that say "administratively prohibited" of net, host and all.
  private static final int CODE_NET_PROHIBITED = 9;
  private static final int CODE_HOST_PROHIBITED = 10;
  private static final int CODE_NET_UNKNOWN = 6;

  private HostErrors() {}

  @FunctionalInterface
  interface Sink {
    void failed(HostFailure failure);
  }

  /** Of a call that failed, or of SO_ERROR. */
  static HostFailure ofErrno(int errno) {
    return HostFailure.of(errorOf(errno));
  }

  private static IpError errorOf(int errno) {
    return switch (errno) {
      case Errno.ECONNREFUSED -> IpError.PORT_UNREACHABLE;
      case Errno.ENETUNREACH -> IpError.NET_UNREACHABLE;
      // A route of type prohibit, a packet filter, a broadcast address: the host's policy.
      case Errno.EACCES, Errno.EPERM -> IpError.ADMIN_PROHIBITED;
      default -> IpError.HOST_UNREACHABLE;
    };
  }

  /**
   * Of an entry of the error queue; empty when it is nothing that a guest should hear of.
   *
   * @param destination of what was sent; when that itself answered, it appears as the guest sees it
   */
  static Optional<HostFailure> ofQueue(ErrorQueue entry, IpAddr destination) {
    Optional<IpError> error =
        entry.isIcmp() ? ofIcmp(entry.type(), entry.code()) : ofErrnoOfQueue(entry.errno());
    int mtu = entry.errno() == Errno.EMSGSIZE ? entry.mtu() : 0;
    return error.map(known -> new HostFailure(known, mtu, reporter(entry, destination)));
  }

  private static Optional<IpError> ofIcmp(int type, int code) {
    if (type == Icmpv4View.TIME_EXCEEDED) {
      return Optional.of(
          code == Icmpv4View.CODE_TTL ? IpError.TTL_EXCEEDED : IpError.REASSEMBLY_TIMEOUT);
    }
    if (type != Icmpv4View.UNREACHABLE) {
      return Optional.empty();
    }
    return Optional.of(
        switch (code) {
          case Icmpv4View.CODE_NET, CODE_NET_UNKNOWN -> IpError.NET_UNREACHABLE;
          case Icmpv4View.CODE_PROTOCOL -> IpError.PROTOCOL_UNREACHABLE;
          case Icmpv4View.CODE_PORT -> IpError.PORT_UNREACHABLE;
          case Icmpv4View.CODE_FRAGMENTATION_NEEDED -> IpError.FRAGMENTATION_NEEDED;
          case CODE_NET_PROHIBITED, CODE_HOST_PROHIBITED, Icmpv4View.CODE_ADMIN_PROHIBITED ->
              IpError.ADMIN_PROHIBITED;
          default -> IpError.HOST_UNREACHABLE;
        });
  }

  private static Optional<IpError> ofErrnoOfQueue(int errno) {
    return Optional.of(errno == Errno.EMSGSIZE ? IpError.FRAGMENTATION_NEEDED : errorOf(errno));
  }

  /** The router that said it: only a guest's view of the way may change by it, so no loopback. */
  private static Optional<IpAddr> reporter(ErrorQueue entry, IpAddr destination) {
    InetName offender = entry.offender();
    if (!entry.isFromNetwork() || !offender.isInet()) {
      return Optional.empty();
    }
    IpAddr address = IpAddr.of(offender.hi(), offender.lo());
    boolean visible = address.isV4() && !address.isLoopback() && !address.isUnspecified();
    return visible && !address.equals(destination) ? Optional.of(address) : Optional.empty();
  }
}
