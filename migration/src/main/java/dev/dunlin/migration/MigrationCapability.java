package dev.dunlin.migration;

import java.util.Arrays;
import java.util.Optional;

/**
 * QEMU 7.2's capabilities in its order. One that Dunlin can't honour can be switched off but not
 * on: a capability that is on is true.
 */
public enum MigrationCapability {
  XBZRLE("xbzrle"),
  RDMA_PIN_ALL("rdma-pin-all", "Dunlin has no RDMA transport"),
  AUTO_CONVERGE("auto-converge"),
  ZERO_BLOCKS("zero-blocks"),
  COMPRESS("compress", "Dunlin sends pages uncompressed"),
  EVENTS("events"),
  POSTCOPY_RAM("postcopy-ram", "Dunlin can't start a guest before its pages have arrived"),
  X_COLO("x-colo", "Dunlin can't keep two guests in step"),
  RELEASE_RAM("release-ram", "Dunlin keeps the source's RAM"),
  BLOCK("block"),
  RETURN_PATH("return-path", "Dunlin's stream goes one way"),
  PAUSE_BEFORE_SWITCHOVER("pause-before-switchover"),
  MULTIFD("multifd"),
  DIRTY_BITMAPS("dirty-bitmaps", "Dunlin has no disks with bitmaps"),
  POSTCOPY_BLOCKTIME(
      "postcopy-blocktime", "Dunlin can't start a guest before its pages have arrived"),
  LATE_BLOCK_ACTIVATE("late-block-activate"),
  X_IGNORE_SHARED("x-ignore-shared", "Dunlin sends shared RAM like any other"),
  VALIDATE_UUID("validate-uuid"),
  BACKGROUND_SNAPSHOT("background-snapshot", "Dunlin can't write-protect a guest's pages"),
  ZERO_COPY_SEND("zero-copy-send", "Dunlin has no sockets that send from memory by reference"),
  POSTCOPY_PREEMPT("postcopy-preempt", "Dunlin can't start a guest before its pages have arrived");

  private final String qapiName;
  private final Optional<String> whyNot;

  MigrationCapability(String qapiName) {
    this.qapiName = qapiName;
    this.whyNot = Optional.empty();
  }

  MigrationCapability(String qapiName, String whyNot) {
    this.qapiName = qapiName;
    this.whyNot = Optional.of(whyNot);
  }

  public String qapiName() {
    return qapiName;
  }

  /** The sentence for switching it on, empty when that is possible. */
  Optional<String> refusal() {
    return whyNot.map(why -> "Capability '" + qapiName + "' is not supported: " + why);
  }

  static Optional<MigrationCapability> named(String name) {
    return Arrays.stream(values()).filter(c -> c.qapiName.equals(name)).findFirst();
  }
}
