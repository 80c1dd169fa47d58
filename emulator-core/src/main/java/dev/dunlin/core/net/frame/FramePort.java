package dev.dunlin.core.net.frame;

/** Where whole Ethernet frames leave toward the guest. */
@FunctionalInterface
public interface FramePort {
  /** Takes the frame. Never blocks; a port without room drops. */
  void send(Frame frame);
}
