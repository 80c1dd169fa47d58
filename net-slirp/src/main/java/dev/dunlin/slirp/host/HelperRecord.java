package dev.dunlin.slirp.host;

import dev.dunlin.core.child.ExitStatus;
import java.util.Optional;

/**
 * A child that serves, or served, a connection of the guest's: what {@code info usernet} shows.
 *
 * @param service what it is for: {@code smb}
 * @param pid 0 for one that was never started
 * @param flow the connection; empty for one that serves none
 * @param status how it ended; empty while it runs, and for one that was never started
 * @param words why it ended so, as far as it is known
 */
public record HelperRecord(
    String service, int pid, Optional<GuestFlow> flow, Optional<ExitStatus> status, String words) {

  /** {@code running}, {@code killed by signal 9 (SIGKILL)}. */
  public String state() {
    return status.map(ExitStatus::describe).orElse(pid == 0 ? "could not be started" : "running");
  }
}
