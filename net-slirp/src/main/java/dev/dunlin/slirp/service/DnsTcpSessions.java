package dev.dunlin.slirp.service;

import dev.dunlin.slirp.link.Timed;
import java.util.ArrayList;
import java.util.List;

/**
 * The guest's connections to the virtual name server. Bound: {@link #MOST_SESSIONS}; the oldest is
 * closed to make room (RFC 7766 section 6.2.3 lets a server do so).
 */
public final class DnsTcpSessions implements Timed {
  public static final int MOST_SESSIONS = 64;

  private final List<DnsTcpSession> sessions = new ArrayList<>();
  private final DnsForwarder forwarder;

  public DnsTcpSessions(DnsForwarder forwarder) {
    this.forwarder = forwarder;
  }

  /** A guest connected. */
  public DnsTcpSession open(DnsTcpSession.Stream stream, long now) {
    reap();
    if (sessions.size() == MOST_SESSIONS) {
      sessions.remove(0).close(now);
    }
    DnsTcpSession session = new DnsTcpSession(forwarder, stream, now);
    sessions.add(session);
    return session;
  }

  private void reap() {
    sessions.removeIf(DnsTcpSession::isClosed);
  }

  /** Connections open now. */
  public int size() {
    reap();
    return sessions.size();
  }

  @Override
  public long delay(long now) {
    long shortest = IDLE;
    for (DnsTcpSession session : sessions) {
      shortest = Math.min(shortest, session.delay(now));
    }
    return shortest;
  }

  @Override
  public void onTime(long now) {
    List.copyOf(sessions).forEach(session -> session.onTime(now));
    reap();
  }

  public void close(long now) {
    List.copyOf(sessions).forEach(session -> session.close(now));
    sessions.clear();
  }
}
