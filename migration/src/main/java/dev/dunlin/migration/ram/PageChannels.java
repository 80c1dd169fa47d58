package dev.dunlin.migration.ram;

import dev.dunlin.migration.stream.LoadException;

/** Connections beside the stream, on which pages come in (QEMU's multifd). */
public interface PageChannels extends SectionEnd, AutoCloseable {

  /** There are none. */
  PageChannels NONE =
      new PageChannels() {
        @Override
        public void reached() {}

        @Override
        public void close() {}
      };

  /** Waits until everything is there that was sent before the end of this section. */
  @Override
  void reached() throws LoadException;

  /** Nothing is received any more. */
  @Override
  void close();
}
