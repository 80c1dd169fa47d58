package dev.dunlin.slirp.icmp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.ip.IpError;
import dev.dunlin.slirp.ip.IpErrors;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.link.VirtualNet;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.Icmpv4View;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import java.nio.ByteBuffer;

/** Sends ICMP errors to the guest, within the rules and the rate. */
public final class IcmpErrors implements IpErrors {
  /** Linux's icmp_msgs_per_sec and icmp_msgs_burst. */
  private static final int PER_SECOND = 1000;

  private static final int BURST = 50;

  /** RFC 1812 section 4.3.2.3: as much of the original as fits 576 bytes. */
  private static final int LONGEST_QUOTE = 576 - Ipv4View.MIN_LENGTH - Icmpv4View.LENGTH;

  private final VirtualNet net;
  private final FramePool pool;
  private final IpOutput output;
  private final DropCounters drops;
  private final RateLimit limit = new RateLimit(PER_SECOND, BURST);
  private final Ipv4View quoted = new Ipv4View();

  public IcmpErrors(VirtualNet net, FramePool pool, IpOutput output, DropCounters drops) {
    this.net = net;
    this.pool = pool;
    this.output = output;
    this.drops = drops;
  }

  @Override
  public void report(IpError error, int mtu, Frame offending, long now) {
    HostFailure failure = new HostFailure(error, mtu, java.util.Optional.empty());
    report(failure, offending.bytes(), offending.network(), offending.end(), now);
  }

  @Override
  public void report(HostFailure failure, ByteBuffer quote, long now) {
    report(failure, quote, quote.position(), quote.limit(), now);
  }

  private void report(HostFailure failure, ByteBuffer bytes, int start, int end, long now) {
    if (!quoted.wrapHeader(bytes, start, end) || !mayBeReported(bytes, end)) {
      return;
    }
    if (!limit.allow(now)) {
      drops.count(DropReason.ICMP_RATE);
      return;
    }
    int length = Math.min(end - start, LONGEST_QUOTE);
    Frame frame = pool.take(Icmpv4View.LENGTH + length + Ipv4View.MIN_LENGTH);
    if (frame == null) {
      drops.count(DropReason.NO_FRAME);
      return;
    }
    frame.bytes().put(frame.append(length), bytes, start, length);
    IpError error = failure.error();
    int rest = error == IpError.FRAGMENTATION_NEEDED ? failure.mtu() & 0xffff : 0;
    Icmpv4View.prepend(frame, error.type(), error.code(), rest);
    IpAddr destination = IpAddr.v4(quoted.destination());
    IpAddr speaker = IpErrors.speaker(failure, destination, net.gateway());
    output.send(frame, speaker, IpAddr.v4(quoted.source()), IpProtocol.ICMP, now);
  }

  /** RFC 1122 section 3.2.2, and nothing to a source that no single guest has. */
  private boolean mayBeReported(ByteBuffer bytes, int end) {
    int destination = quoted.destination();
    if (!net.isGuest(quoted.source())
        || quoted.fragmentOffset() != 0
        || destination == -1
        || destination == net.broadcast()
        || IpAddr.v4(destination).isMulticast()) {
      return false;
    }
    int type = quoted.payload() < end ? bytes.get(quoted.payload()) & 0xff : 0;
    return quoted.protocol() != IpProtocol.ICMP || !Icmpv4View.isError(type);
  }
}
