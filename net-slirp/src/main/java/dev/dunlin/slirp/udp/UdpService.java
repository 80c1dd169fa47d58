package dev.dunlin.slirp.udp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.UdpView;

/** A service of ours on a UDP port. */
@FunctionalInterface
public interface UdpService {
  /** Takes the frame; {@code udp} is valid during the call. The checksum was verified. */
  void receive(Frame frame, UdpView udp, IpAddr source, IpAddr destination, long now);
}
