package dev.dunlin.core.run;

/** QEMU's run states (qapi/run-state.json), spelled as QMP spells them. */
public enum RunState {
  DEBUG("debug"),
  INMIGRATE("inmigrate"),
  INTERNAL_ERROR("internal-error"),
  IO_ERROR("io-error"),
  PAUSED("paused"),
  POSTMIGRATE("postmigrate"),
  PRELAUNCH("prelaunch"),
  FINISH_MIGRATE("finish-migrate"),
  RESTORE_VM("restore-vm"),
  RUNNING("running"),
  SAVE_VM("save-vm"),
  SHUTDOWN("shutdown"),
  SUSPENDED("suspended"),
  WATCHDOG("watchdog"),
  GUEST_PANICKED("guest-panicked"),
  COLO("colo");

  private final String qapiName;

  RunState(String qapiName) {
    this.qapiName = qapiName;
  }

  public String qapiName() {
    return qapiName;
  }
}
