package dev.dunlin.migration.multifd;

import dev.dunlin.migration.channel.ChannelException;
import dev.dunlin.migration.channel.IncomingChannel;
import dev.dunlin.migration.channel.IncomingOpener.Listener;
import dev.dunlin.migration.channel.IncomingOpener.SocketName;
import dev.dunlin.migration.stream.LoadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the stream's connection and, when multifd is on by the time that the first one is
 * there, for those of the pages. Which is which shows in their first bytes.
 */
public final class MultifdListener implements Listener {
  private final Listener plain;
  private final Supplier<Optional<Settings>> settings;

  /** What both sides must have set alike. */
  public record Settings(int channels, Compression compression, UUID uuid) {}

  /**
   * @param settings asked when the other side has come; empty: no multifd
   */
  public MultifdListener(Listener plain, Supplier<Optional<Settings>> settings) {
    this.plain = plain;
    this.settings = settings;
  }

  @Override
  public IncomingChannel accept() throws IOException {
    IncomingChannel first = plain.accept();
    Optional<Settings> wanted = settings.get();
    if (wanted.isEmpty()) {
      return first;
    }
    List<IncomingChannel> all = new ArrayList<>(List.of(first));
    try {
      if (plain.address().isEmpty()) {
        throw new ChannelException("multifd is not supported by current protocol");
      }
      // All at once: the sender may not say anything on the first before it has them all.
      while (all.size() <= wanted.get().channels()) {
        all.add(plain.accept());
      }
      // A sender with more connections than this learns it.
      plain.close();
      return sorted(all, wanted.get());
    } catch (IOException | RuntimeException | Error e) {
      all.forEach(IncomingChannel::close);
      throw e;
    }
  }

  private static IncomingChannel sorted(List<IncomingChannel> all, Settings settings)
      throws IOException {
    @Nullable IncomingChannel[] lanes = new IncomingChannel[settings.channels()];
    Optional<IncomingChannel> stream = Optional.empty();
    try {
      for (IncomingChannel channel : all) {
        ByteBuffer start = start(channel, Integer.BYTES);
        if (start.getInt(0) != Hello.MAGIC && stream.isEmpty()) {
          stream = Optional.of(new BegunChannel(channel, start));
          continue;
        }
        Hello hello = Hello.decode(rest(channel, start));
        hello.check(settings.uuid(), settings.channels());
        if (lanes[hello.channel()] != null) {
          throw LoadException.invalid(
              "multifd: received id '%d' already setup'".formatted(hello.channel()));
        }
        lanes[hello.channel()] = channel;
      }
    } catch (LoadException e) {
      throw new ChannelException(String.valueOf(e.getMessage()), e);
    }
    List<IncomingChannel> inOrder = new ArrayList<>();
    for (IncomingChannel lane : lanes) {
      inOrder.add(java.util.Objects.requireNonNull(lane, "as many as there are numbers"));
    }
    return new MultifdChannel(
        stream.orElseThrow(() -> new ChannelException("multifd: no connection has the stream")),
        inOrder,
        settings.compression());
  }

  private static ByteBuffer start(IncomingChannel channel, int bytes) throws IOException {
    ByteBuffer start = ByteBuffer.allocateDirect(Hello.BYTES).order(ByteOrder.BIG_ENDIAN);
    return readTo(channel, start, bytes);
  }

  private static ByteBuffer rest(IncomingChannel channel, ByteBuffer start) throws IOException {
    return readTo(channel, start, Hello.BYTES);
  }

  private static ByteBuffer readTo(IncomingChannel channel, ByteBuffer into, int end)
      throws IOException {
    into.limit(end);
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        throw new ChannelException("multifd: a connection ended before it said what it is");
      }
    }
    return into;
  }

  @Override
  public Optional<SocketName> address() {
    return plain.address();
  }

  @Override
  public void close() {
    plain.close();
  }
}
