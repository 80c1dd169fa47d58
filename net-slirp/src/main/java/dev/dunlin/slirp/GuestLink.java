package dev.dunlin.slirp;

import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.slirp.link.SoftwareOffload;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;

/**
 * Where frames to the guest leave: through whatever is connected now, which may change under a
 * running network, and with the work done that it can't do itself. On the network's thread.
 */
final class GuestLink implements FramePort {
  private final FramePool pool;
  private final DropCounters drops;
  private FramePort port;
  private Offload receivers = Offload.NONE;
  private boolean connected;

  GuestLink(FramePool pool, DropCounters drops) {
    this.pool = pool;
    this.drops = drops;
    this.port = frame -> drops.drop(frame, DropReason.LINK_DOWN);
  }

  void connect(FramePort output, Offload offload) {
    // TCP over IPv4 is what is segmented here; a receiver that can't gets it cut and summed.
    boolean all = offload.checksum() && offload.tcp4();
    port = all ? output : new SoftwareOffload(pool, output, drops);
    receivers = offload;
    connected = true;
  }

  /** Whether anything was ever connected. */
  boolean isConnected() {
    return connected;
  }

  Offload receivers() {
    return receivers;
  }

  @Override
  public void send(Frame frame) {
    port.send(frame);
  }
}
