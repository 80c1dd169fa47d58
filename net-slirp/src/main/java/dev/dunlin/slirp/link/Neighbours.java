package dev.dunlin.slirp.link;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.net.frame.Mac;
import dev.dunlin.slirp.wire.ArpView;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who has which Ethernet address. Answers ARP for our stations only, learns the guests', and gives
 * outgoing IP packets their Ethernet header; a packet for a guest not heard of yet waits while ARP
 * asks (a forward used before the guest's first frame).
 *
 * <p>Bounds: {@link #MOST_GUESTS} learned, the one unheard longest goes; {@link #MOST_WAITING}
 * frames wait, {@link #MOST_WAITING_EACH} for one address, further ones are dropped and counted;
 * {@link #MOST_REQUESTS} requests go unanswered before the waiting frames are given up.
 */
public final class Neighbours implements Timed {
  /** libslirp's table has as many. */
  public static final int MOST_GUESTS = 16;

  public static final int MOST_WAITING = 64;
  public static final int MOST_WAITING_EACH = 8;
  public static final int MOST_REQUESTS = 3;
  private static final long REQUEST_INTERVAL = TimeUnit.SECONDS.toNanos(1);
  private static final boolean BY_ACCESS = true;

  private final VirtualNet net;
  private final FramePool pool;
  private final FramePort port;
  private final DropCounters drops;
  private final ArpView arp = new ArpView();
  private final Map<Integer, Long> macs = new LinkedHashMap<>(32, 0.75f, BY_ACCESS);
  private final Map<Integer, Query> queries = new LinkedHashMap<>();
  private int waiting;
  private int lastAddress;
  private long lastMac;

  public Neighbours(VirtualNet net, FramePool pool, FramePort port, DropCounters drops) {
    this.net = net;
    this.pool = pool;
    this.port = port;
    this.drops = drops;
  }

  // ---- from the guest ----

  /** Takes an ARP frame. */
  void receive(Frame frame, long now) {
    if (!arp.wrap(frame.bytes(), frame.network(), frame.end()) || Mac.isGroup(arp.senderMac())) {
      drops.drop(frame, DropReason.ARP_MALFORMED);
      return;
    }
    int sender = arp.senderIp();
    if (net.isOurs(sender)) {
      // A guest that claims the gateway or the name server would only poison itself and its peers.
      drops.drop(frame, DropReason.ARP_POISON);
      return;
    }
    if (net.isGuest(sender)) {
      learn(sender, arp.senderMac(), now);
    }
    // A probe (RFC 5227) has no sender address; it is answered too, so the guest sees the conflict.
    if (arp.operation() == ArpView.REQUEST && net.isOurs(arp.targetIp())) {
      reply(arp.targetIp(), arp.senderMac(), sender);
    }
    frame.release();
  }

  private void reply(int ours, long guestMac, int guest) {
    Frame frame = pool.take(EthernetView.MIN_FRAME);
    if (frame == null) {
      drops.count(DropReason.NO_FRAME);
      return;
    }
    long ourMac = VirtualNet.macOf(ours);
    ArpView.append(frame, ArpView.REPLY, ourMac, ours, guestMac, guest);
    transmit(frame, guestMac, ourMac, EthernetView.TYPE_ARP);
  }

  /**
   * Notes a guest's address, from ARP, from a DHCP lease or from a packet it sent, and sends what
   * waited for it.
   */
  public void learn(int address, long mac, long now) {
    if ((address == lastAddress && mac == lastMac) || !net.isGuest(address) || Mac.isGroup(mac)) {
      return;
    }
    macs.put(address, mac);
    lastAddress = address;
    lastMac = mac;
    if (macs.size() > MOST_GUESTS) {
      Iterator<Integer> eldest = macs.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
    Query query = queries.remove(address);
    if (query != null) {
      waiting -= query.frames.size();
      query.frames.forEach(waited -> transmitIp(waited, mac));
    }
  }

  /** Forgets an address whose owner turned out to be somebody else. */
  public void forget(int address) {
    macs.remove(address);
    if (address == lastAddress) {
      lastMac = 0;
    }
  }

  /** The Ethernet address that a guest's address was last heard with. */
  public @Nullable Long macOf(int address) {
    return macs.get(address);
  }

  /** Guests heard of and their Ethernet addresses, the one unheard longest first. */
  public Map<Integer, Long> known() {
    return new LinkedHashMap<>(macs);
  }

  /** Guests heard of. */
  public int size() {
    return macs.size();
  }

  // ---- to the guest ----

  /**
   * Takes an IPv4 packet ({@code frame.network()} at its header) for a guest or for all of them.
   */
  public void send(Frame frame, int destination, long now) {
    if (destination == -1 || destination == net.broadcast()) {
      transmitIp(frame, Mac.BROADCAST);
      return;
    }
    if (destination == lastAddress && lastMac != 0) {
      transmitIp(frame, lastMac);
      return;
    }
    Long mac = macs.get(destination);
    if (mac != null) {
      transmitIp(frame, mac);
    } else if (net.isGuest(destination)) {
      await(frame, destination, now);
    } else {
      drops.drop(frame, DropReason.NEIGHBOUR_UNREACHABLE);
    }
  }

  /** Takes a packet for a guest that has no address yet: a DHCP answer to a hardware address. */
  public void sendTo(Frame frame, long mac) {
    transmitIp(frame, mac);
  }

  private void await(Frame frame, int destination, long now) {
    Query query = queries.get(destination);
    if (waiting >= MOST_WAITING || (query != null && query.frames.size() >= MOST_WAITING_EACH)) {
      drops.drop(frame, DropReason.NEIGHBOUR_QUEUE_FULL);
      return;
    }
    waiting++;
    if (query == null) {
      query = new Query();
      queries.put(destination, query);
      ask(destination, query, now);
    }
    query.frames.add(frame);
  }

  private void ask(int address, Query query, long now) {
    query.requests++;
    query.due = now + REQUEST_INTERVAL;
    request(net.gateway().v4(), address, Mac.BROADCAST);
  }

  private void request(int from, int target, long destination) {
    Frame frame = pool.take(EthernetView.MIN_FRAME);
    if (frame == null) {
      drops.count(DropReason.NO_FRAME);
      return;
    }
    long ourMac = VirtualNet.macOf(from);
    ArpView.append(frame, ArpView.REQUEST, ourMac, from, 0, target);
    transmit(frame, destination, ourMac, EthernetView.TYPE_ARP);
  }

  /**
   * Gratuitous ARP for all our stations (RFC 5227 section 2.3): after the link came up or the guest
   * moved here, so that its cache and any switch between us learn where we are.
   */
  public void announce() {
    announce(net.gateway().v4());
    announce(net.dns().v4());
    net.servers().forEach(server -> announce(server.v4()));
  }

  private void announce(int address) {
    if (net.contains(address)) {
      request(address, address, Mac.BROADCAST);
    }
  }

  private void transmitIp(Frame frame, long destination) {
    // Every station of ours is one host behind the gateway's address, as libslirp shows it.
    frame.setBounds(frame.network(), frame.end());
    long source = VirtualNet.macOf(net.gateway().v4());
    transmit(frame, destination, source, EthernetView.TYPE_IPV4);
  }

  private void transmit(Frame frame, long destination, long source, int type) {
    EthernetView.prepend(frame, destination, source, type);
    int missing = EthernetView.MIN_FRAME - frame.length();
    if (missing > 0) {
      // Zeroed: padding with old bytes of a pooled buffer would leak them (CVE-2003-0001).
      int at = frame.append(missing);
      for (int i = 0; i < missing; i++) {
        frame.bytes().put(at + i, (byte) 0);
      }
    }
    port.send(frame);
  }

  // ---- time ----

  @Override
  public long delay(long now) {
    long shortest = IDLE;
    for (Query query : queries.values()) {
      shortest = Math.min(shortest, Math.max(0, query.due - now));
    }
    return shortest;
  }

  @Override
  public void onTime(long now) {
    Iterator<Map.Entry<Integer, Query>> all = queries.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Integer, Query> entry = all.next();
      Query query = entry.getValue();
      if (query.due - now > 0) {
        continue;
      }
      if (query.requests < MOST_REQUESTS) {
        ask(entry.getKey(), query, now);
      } else {
        all.remove();
        giveUp(query);
      }
    }
  }

  private void giveUp(Query query) {
    waiting -= query.frames.size();
    query.frames.forEach(frame -> drops.drop(frame, DropReason.NEIGHBOUR_UNREACHABLE));
  }

  /** Drops everything that waits: the network is going away. */
  public void close() {
    queries.values().forEach(this::giveUp);
    queries.clear();
  }

  /** One address being asked for and the frames that wait for it. */
  private static final class Query {
    private final ArrayDeque<Frame> frames = new ArrayDeque<>();
    private int requests;
    private long due;
  }
}
