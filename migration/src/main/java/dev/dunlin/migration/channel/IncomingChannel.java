package dev.dunlin.migration.channel;

import dev.dunlin.migration.ram.PageChannels;
import dev.dunlin.migration.ram.RamTarget;
import dev.dunlin.migration.stream.StreamInput.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The receiving end. One thread; see the package for who may interrupt it. */
public interface IncomingChannel extends ByteSource, AutoCloseable {

  /** At least one byte, waiting as long as it must; -1 at the end. */
  @Override
  int read(ByteBuffer into) throws IOException;

  /**
   * What the other side has to say for a stream that ended too early, one line each: a command's
   * exit status and its last words. May wait a moment for them.
   */
  default java.util.List<String> lastWords() {
    return java.util.List.of();
  }

  /** Whether pages come on other connections than this one. */
  default boolean hasPageConnections() {
    return false;
  }

  /** Starts to receive pages that come on other connections than this one, where there are any. */
  default PageChannels receiveInto(RamTarget target) {
    return PageChannels.NONE;
  }

  @Override
  void close();
}
