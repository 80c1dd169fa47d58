package dev.dunlin.slirp.service;

import dev.dunlin.slirp.tcp.TcpService;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The virtual name server's TCP side (RFC 7766) as a service of the TCP engine. */
public final class DnsTcpService implements TcpService {
  private final DnsTcpSessions sessions;

  public DnsTcpService(DnsTcpSessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public Session open(Stream stream, IpAddr guest, int guestPort, long now) {
    Connection connection = new Connection(stream);
    connection.session = sessions.open(connection, now);
    return connection;
  }

  private static final class Connection implements Session, DnsTcpSession.Stream {
    private final Stream stream;
    private @Nullable DnsTcpSession session;
    private boolean over;

    Connection(Stream stream) {
      this.stream = stream;
    }

    private DnsTcpSession session() {
      DnsTcpSession open = session;
      if (open == null) {
        throw new IllegalStateException("a connection without its session");
      }
      return open;
    }

    @Override
    public int receive(ByteBuffer bytes, long now) {
      return session().receive(bytes, now);
    }

    @Override
    public void end(long now) {
      session().end(now);
    }

    @Override
    public void closed(long now) {
      over = true;
      session().close(now);
    }

    /** Takes an answer: the stream has room for as many of the longest as are ever outstanding. */
    @Override
    public void write(ByteBuffer bytes, long now) {
      stream.write(bytes, now);
      if (bytes.hasRemaining()) {
        stream.reset(now);
      } else if (session().isHungry()) {
        stream.resume(now);
      }
    }

    @Override
    public void close(long now) {
      if (!over) {
        stream.close(now);
      }
    }
  }
}
