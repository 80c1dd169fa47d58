package dev.dunlin.slirp.tcp;

import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.ip.IpErrors;
import dev.dunlin.slirp.ip.IpOutput;
import dev.dunlin.slirp.wire.DropCounters;

/** What every connection of one engine shares. */
record Surroundings(
    TcpConfig config,
    FramePool frames,
    ChunkPool chunks,
    IpOutput output,
    IpErrors errors,
    DropCounters drops,
    Offload offload) {

  /** What the link to the guest does for us; may change while connections live. */
  static final class Offload {
    boolean segmentation;
  }
}
