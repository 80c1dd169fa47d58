package dev.dunlin.core.net;

/** Where the guest behind a network lives, and whether it runs. */
public enum GuestLife {
  /** In another process or kernel, beyond a wire: nothing is known of it. */
  ELSEWHERE,
  /** Its card is emulated in this process, and its CPUs execute. */
  RUNS,
  /** The same, and it stands still. */
  STOPPED
}
