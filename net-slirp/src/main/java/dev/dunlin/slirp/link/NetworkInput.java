package dev.dunlin.slirp.link;

import dev.dunlin.core.net.frame.Frame;

/** A network protocol's entry: {@code frame.network()} is where its header begins. */
@FunctionalInterface
public interface NetworkInput {
  /** Takes the frame. */
  void receive(Frame frame, long now);
}
