package dev.dunlin.slirp.ip;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.wire.Ipv4View;

/**
 * A transport's entry. The packet is whole, {@code frame.transport()} is where its header begins
 * and {@code frame.end()} where the IP packet ends; {@code ip} is valid during the call.
 */
@FunctionalInterface
public interface TransportInput {
  /** Takes the frame. */
  void receive(Frame frame, Ipv4View ip, long now);
}
