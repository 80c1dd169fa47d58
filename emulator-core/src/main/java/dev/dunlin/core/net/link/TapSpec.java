package dev.dunlin.core.net.link;

import java.util.Optional;

/** A {@code -netdev tap}, checked: either a descriptor or an interface to open. */
sealed interface TapSpec {

  /**
   * {@code sndbuf=}: bytes that may wait in the host's network; as much as there is when absent.
   */
  int sendBuffer();

  /** {@code fd=3}: whoever started the program has opened it. */
  record Passed(String fd, int sendBuffer) implements TapSpec {}

  /**
   * An interface of this name, or of a name that the kernel makes of it.
   *
   * @param script run when it is open, with its name; empty for none
   * @param vnetHeader whether to ask for checksum and segmentation offload; empty where possible
   * @param namespace the network namespace that it is in, as a file; Dunlin's own
   */
  record Interface(
      String name,
      Optional<String> script,
      Optional<String> downScript,
      Optional<Boolean> vnetHeader,
      int sendBuffer,
      Optional<String> namespace)
      implements TapSpec {}
}
