package dev.dunlin.migration;

import dev.dunlin.core.monitor.MonitorException;

/** What QEMU says to commands of postcopy while no postcopy is under way. */
final class PostcopyRefusals {
  private PostcopyRefusals() {}

  static MonitorException resume() {
    return new MonitorException("Cannot resume if there is no paused migration");
  }

  static void pause() throws MonitorException {
    throw new MonitorException(
        "migrate-pause is currently only supported during postcopy-active state");
  }

  static void recover() throws MonitorException {
    throw new MonitorException("Migrate recover can only be run when postcopy is paused.");
  }

  static void startPostcopy() throws MonitorException {
    throw new MonitorException(
        "Enable postcopy with migrate_set_capability before the start of migration");
  }
}
