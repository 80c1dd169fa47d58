package dev.dunlin.slirp.host;

import dev.dunlin.core.posix.InetName;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.service.ResolverTransport;
import dev.dunlin.slirp.tcp.TcpHost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One question over TCP (RFC 1035 section 4.2.2: two bytes of length before each message). The
 * answer's buffer grows with what really came, to 65,535 bytes at most. On the network's thread.
 */
final class ResolverStream implements ResolverTransport.Exchange, TcpHost.Listener {
  private static final int PREFIX = 2;
  private static final int PIECE = 4096;

  private final ResolverTransport.Listener listener;
  private final HostStream stream;
  private final ByteBuffer question;
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
  private byte[] answer = new byte[512];
  private int filled;
  private boolean closed;

  ResolverStream(
      HostLoop host, InetName resolver, byte[] query, ResolverTransport.Listener listener)
      throws IOException {
    this.listener = listener;
    this.question = ByteBuffer.allocateDirect(PREFIX + query.length);
    question.putShort((short) query.length).put(query).flip();
    this.stream = HostStream.connect(host, resolver, this);
  }

  @Override
  public void connected(long now) {
    stream.wantRead(true);
    stream.write(question, now);
  }

  @Override
  public void writable(long now) {
    stream.write(question, now);
  }

  @Override
  public void readable(long now) {
    while (!closed && stream.read(piece.clear(), now) > 0) {
      append(piece.flip());
      if (filled >= PREFIX && filled >= PREFIX + length()) {
        byte[] message = Arrays.copyOfRange(answer, PREFIX, PREFIX + length());
        close();
        listener.answered(message, now);
      }
    }
  }

  private void append(ByteBuffer bytes) {
    int count = Math.min(bytes.remaining(), PREFIX + 0xffff - filled);
    if (filled + count > answer.length) {
      answer = Arrays.copyOf(answer, Math.max(filled + count, 2 * answer.length));
    }
    bytes.get(answer, filled, count);
    filled += count;
  }

  private int length() {
    return (answer[0] & 0xff) << 8 | answer[1] & 0xff;
  }

  @Override
  public void failed(HostFailure failure, long now) {
    over(now);
  }

  @Override
  public void ended(long now) {
    over(now);
  }

  @Override
  public void reset(long now) {
    over(now);
  }

  private void over(long now) {
    if (!closed) {
      close();
      listener.failed(now);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      stream.close();
    }
  }
}
