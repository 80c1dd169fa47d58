package dev.dunlin.migration;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;

/** A migration's state as QMP spells it (qapi/migration.json), and which may follow which. */
public enum MigrationStatus {
  NONE("none"),
  SETUP("setup"),
  CANCELLING("cancelling"),
  CANCELLED("cancelled"),
  ACTIVE("active"),
  POSTCOPY_ACTIVE("postcopy-active"),
  POSTCOPY_PAUSED("postcopy-paused"),
  POSTCOPY_RECOVER("postcopy-recover"),
  COMPLETED("completed"),
  FAILED("failed"),
  COLO("colo"),
  PRE_SWITCHOVER("pre-switchover"),
  DEVICE("device"),
  WAIT_UNPLUG("wait-unplug");

  /**
   * QEMU has this table only in its code (migration/migration.c). Those of postcopy and COLO are
   * here for readers of a peer's status; Dunlin enters none of them.
   */
  private static final ImmutableSetMultimap<MigrationStatus, MigrationStatus> NEXT =
      ImmutableSetMultimap.<MigrationStatus, MigrationStatus>builder()
          .put(NONE, SETUP)
          .putAll(SETUP, ACTIVE, WAIT_UNPLUG, CANCELLING, FAILED)
          .putAll(WAIT_UNPLUG, ACTIVE, CANCELLING, FAILED)
          .putAll(
              ACTIVE, PRE_SWITCHOVER, DEVICE, POSTCOPY_ACTIVE, COLO, COMPLETED, CANCELLING, FAILED)
          .putAll(PRE_SWITCHOVER, DEVICE, CANCELLING, FAILED)
          .putAll(DEVICE, POSTCOPY_ACTIVE, COMPLETED, CANCELLING, FAILED)
          .putAll(POSTCOPY_ACTIVE, POSTCOPY_PAUSED, COMPLETED, FAILED)
          .putAll(POSTCOPY_PAUSED, POSTCOPY_RECOVER, FAILED)
          .putAll(POSTCOPY_RECOVER, POSTCOPY_ACTIVE, POSTCOPY_PAUSED)
          .putAll(COLO, COMPLETED, FAILED)
          .put(CANCELLING, CANCELLED)
          .put(CANCELLED, SETUP)
          .put(FAILED, SETUP)
          .put(COMPLETED, SETUP)
          .build();

  private final String qapiName;

  MigrationStatus(String qapiName) {
    this.qapiName = qapiName;
  }

  public String qapiName() {
    return qapiName;
  }

  public ImmutableSet<MigrationStatus> next() {
    return NEXT.get(this);
  }

  /** Whether a migration is under way: neither before the first nor after the last one. */
  public boolean isUnderWay() {
    return switch (this) {
      case NONE, CANCELLED, COMPLETED, FAILED -> false;
      default -> true;
    };
  }
}
