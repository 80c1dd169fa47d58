package dev.dunlin.core.net.link;

import dev.dunlin.core.chardev.ChardevSpec.Address;
import java.time.Duration;

/**
 * One {@code -netdev stream} or one of {@code -netdev socket}'s streams, checked.
 *
 * @param reconnect how long a client waits before it tries again; zero for never
 * @param words how {@code info network} shows it
 */
record StreamSpec(Address address, boolean server, Duration reconnect, Words words) {

  /** The two spellings of the same thing. */
  enum Words {
    STREAM,
    SOCKET
  }
}
