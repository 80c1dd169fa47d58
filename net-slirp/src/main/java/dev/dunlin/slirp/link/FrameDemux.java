package dev.dunlin.slirp.link;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.Ipv4View;

/** First stop of every frame from the guest: Ethernet's own rules, then ARP or an IP. */
public final class FrameDemux {
  /**
   * Whatever the MTU: that is what we send. A guest whose card has a larger one is understood, as
   * it is by libslirp.
   */
  private static final int LONGEST = EthernetView.LENGTH + Ipv4View.MAX_PACKET;

  private final EthernetView ethernet = new EthernetView();
  private final VirtualNet net;
  private final Neighbours neighbours;
  private final NetworkInput ipv4;
  private final NetworkInput ipv6;
  private final DropCounters drops;

  public FrameDemux(
      VirtualNet net,
      Neighbours neighbours,
      NetworkInput ipv4,
      NetworkInput ipv6,
      DropCounters drops) {
    this.net = net;
    this.neighbours = neighbours;
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
    this.drops = drops;
  }

  /** Takes a frame from the guest's link. */
  public void receive(Frame frame, long now) {
    if (!ethernet.wrap(frame.bytes(), frame.start(), frame.end()) || frame.length() > LONGEST) {
      drops.drop(frame, DropReason.FRAME_LENGTH);
    } else if (ethernet.isTagged()) {
      drops.drop(frame, DropReason.VLAN_TAG);
    } else if (Mac.isGroup(ethernet.source()) || net.isOurMac(ethernet.source())) {
      drops.drop(frame, DropReason.SOURCE_MAC);
    } else if (!isForUs(ethernet.destination())) {
      // On a hub with several guests their talk among themselves passes here too.
      drops.drop(frame, DropReason.DESTINATION_MAC);
    } else {
      dispatch(frame, now);
    }
  }

  private void dispatch(Frame frame, long now) {
    frame.setNetwork(ethernet.payload());
    switch (ethernet.type()) {
      case EthernetView.TYPE_IPV4 -> ipv4.receive(frame, now);
      case EthernetView.TYPE_ARP -> neighbours.receive(frame, now);
      case EthernetView.TYPE_IPV6 -> ipv6.receive(frame, now);
      // Below 0x600 it is an 802.3 length: spanning tree and the like.
      default -> drops.drop(frame, DropReason.ETHERTYPE);
    }
  }

  private boolean isForUs(long destination) {
    return Mac.isGroup(destination) || net.isOurMac(destination);
  }
}
