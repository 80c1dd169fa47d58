package dev.dunlin.slirp.service;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePool;
import dev.dunlin.slirp.link.Timed;
import dev.dunlin.slirp.udp.UdpOutput;
import dev.dunlin.slirp.udp.UdpService;
import dev.dunlin.slirp.wire.DnsMessage;
import dev.dunlin.slirp.wire.DropCounters;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.UdpView;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The virtual name server: hands the guest's queries to the host's resolvers, all of them in turn,
 * under transaction ids of its own, and only answers to the very question go back.
 *
 * <p>Bound: {@link #MOST_QUERIES} under way; the oldest is answered SERVFAIL to make room. A query
 * lives {@link DnsQuery#MOST_ATTEMPTS} attempts.
 */
public final class DnsForwarder implements UdpService, Timed {
  public static final int PORT = 53;
  public static final int MOST_QUERIES = 256;

  private final Map<Asked, DnsQuery> queries = new LinkedHashMap<>();
  private final ResolverList resolvers;
  private final ResolverTransport transport;
  private final RebindingGuard guard;
  private final FramePool pool;
  private final UdpOutput output;
  private final RandomGenerator random;
  private final DropCounters drops;

  public DnsForwarder(
      ResolverList resolvers,
      ResolverTransport transport,
      RebindingGuard guard,
      FramePool pool,
      UdpOutput output,
      RandomGenerator random,
      DropCounters drops) {
    this.resolvers = resolvers;
    this.transport = transport;
    this.guard = guard;
    this.pool = pool;
    this.output = output;
    this.random = random;
    this.drops = drops;
  }

  /** Who gets an answer. */
  @FunctionalInterface
  interface Client {
    void answer(byte[] message, long now);
  }

  /** A question as its asker would repeat it. {@code asker} tells one asker from another. */
  private record Asked(Object asker, int id, String name, int type, int questionClass) {}

  private record UdpAsker(IpAddr address, int port, IpAddr server) {}

  @Override
  public void receive(Frame frame, UdpView udp, IpAddr source, IpAddr destination, long now) {
    byte[] message = new byte[udp.payloadLength()];
    frame.bytes().get(udp.payload(), message);
    UdpAsker asker = new UdpAsker(source, udp.sourcePort(), destination);
    frame.release();
    Optional<DnsMessage> query = DnsMessage.parse(message).filter(DnsForwarder::isQuery);
    if (query.isEmpty()) {
      drops.count(DropReason.DNS_MALFORMED);
      return;
    }
    int limit = query.get().udpLimit();
    ask(asker, query.get(), false, (answer, at) -> reply(asker, answer, limit, at), now);
  }

  private static boolean isQuery(DnsMessage message) {
    return !message.isResponse() && message.hasQuestion();
  }

  /**
   * Takes a message of a DNS connection; false when it isn't a query, after which the stream can't
   * be trusted.
   */
  boolean askOverTcp(Object asker, byte[] message, Client client, long now) {
    Optional<DnsMessage> query = DnsMessage.parse(message).filter(DnsForwarder::isQuery);
    if (query.isEmpty()) {
      drops.count(DropReason.DNS_MALFORMED);
      return false;
    }
    ask(asker, query.get(), true, client, now);
    return true;
  }

  private void ask(Object asker, DnsMessage query, boolean tcp, Client client, long now) {
    reap();
    Asked key = new Asked(asker, query.id(), query.name(), query.type(), query.questionClass());
    DnsQuery running = queries.get(key);
    if (running != null) {
      // The guest lost patience; so do we with the resolver asked last.
      running.hurry(now);
      reap();
      return;
    }
    if (queries.size() >= MOST_QUERIES) {
      Iterator<DnsQuery> oldest = queries.values().iterator();
      DnsQuery crowdedOut = oldest.next();
      oldest.remove();
      drops.count(DropReason.DNS_BOUND);
      crowdedOut.giveUp(now);
    }
    List<Resolver> all = resolvers.current(now);
    if (all.isEmpty()) {
      drops.count(DropReason.DNS_NO_RESOLVER);
      client.answer(query.failure(DnsMessage.SERVFAIL), now);
      return;
    }
    int id = random.nextInt(0x10000);
    DnsQuery fresh = new DnsQuery(query, id, tcp, all, transport, guard, client, drops);
    queries.put(key, fresh);
    fresh.start(now);
    reap();
  }

  /** An answer over UDP, cut to what the client takes. */
  private void reply(UdpAsker asker, byte[] answer, int limit, long now) {
    byte[] fitting = answer;
    if (answer.length > limit) {
      fitting = DnsMessage.parse(answer).map(DnsMessage::truncated).orElse(answer);
    }
    Frame frame = pool.take(fitting.length + UdpView.LENGTH);
    if (frame == null || fitting.length > UdpView.MAX_PAYLOAD) {
      drops.count(DropReason.NO_FRAME);
      if (frame != null) {
        frame.release();
      }
      return;
    }
    frame.append(ByteBuffer.wrap(fitting));
    output.send(frame, asker.server(), PORT, asker.address(), asker.port(), now);
  }

  /** A DNS connection ended: nobody waits for its answers. */
  void forget(Object asker) {
    queries
        .entrySet()
        .removeIf(
            entry -> {
              boolean theirs = entry.getKey().asker().equals(asker);
              if (theirs) {
                entry.getValue().close();
              }
              return theirs;
            });
  }

  private void reap() {
    queries.values().removeIf(DnsQuery::isDone);
  }

  /** Queries under way. */
  public int size() {
    reap();
    return queries.size();
  }

  @Override
  public long delay(long now) {
    long shortest = IDLE;
    for (DnsQuery query : queries.values()) {
      shortest = Math.min(shortest, query.delay(now));
    }
    return shortest;
  }

  @Override
  public void onTime(long now) {
    List.copyOf(queries.values()).forEach(query -> query.onTime(now));
    reap();
  }

  /** Ends every query without an answer. */
  public void close() {
    queries.values().forEach(DnsQuery::close);
    queries.clear();
  }
}
