package dev.dunlin.migration.multifd;

import dev.dunlin.migration.channel.ChannelException;
import dev.dunlin.migration.channel.IncomingChannel;
import dev.dunlin.migration.ram.PageChannels;
import dev.dunlin.migration.ram.RamTarget;
import dev.dunlin.migration.stream.LoadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A stream's connection that has others beside it. One of those that fails ends it too. */
final class MultifdChannel implements IncomingChannel {
  private final IncomingChannel stream;
  private final List<IncomingChannel> lanes;
  private final Compression compression;
  private volatile @Nullable MultifdReceiver receiver;

  MultifdChannel(IncomingChannel stream, List<IncomingChannel> lanes, Compression compression) {
    this.stream = stream;
    this.lanes = lanes;
    this.compression = compression;
  }

  @Override
  public boolean hasPageConnections() {
    return true;
  }

  @Override
  public PageChannels receiveInto(RamTarget target) {
    MultifdReceiver started = new MultifdReceiver(lanes, compression, target, stream::close);
    receiver = started;
    return started;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    try {
      return stream.read(into);
    } catch (IOException e) {
      Optional<LoadException> why = failure();
      if (why.isPresent()) {
        throw new ChannelException(String.valueOf(why.get().getMessage()), why.get());
      }
      throw e;
    }
  }

  @Override
  public List<String> lastWords() {
    return failure().map(LoadException::lines).map(List::copyOf).orElseGet(stream::lastWords);
  }

  private Optional<LoadException> failure() {
    MultifdReceiver started = receiver;
    return started == null ? Optional.empty() : started.failure();
  }

  @Override
  public void close() {
    stream.close();
    lanes.forEach(IncomingChannel::close);
  }
}
