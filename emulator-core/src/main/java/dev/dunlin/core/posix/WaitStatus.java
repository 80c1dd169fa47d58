package dev.dunlin.core.posix;

/** What waiting for one child said: waitid(2)'s si_code and si_status as a sum. */
public sealed interface WaitStatus {

  /** Not ended yet. */
  record Running() implements WaitStatus {}

  /** exit(3) with {@code code} 0–255. */
  record Exited(int code) implements WaitStatus {}

  /** Ended by a signal. */
  record Signalled(int signal, boolean coreDumped) implements WaitStatus {}

  /** Ended, but its status isn't to be had: somebody else in this process has taken it. */
  record Stolen(String reason) implements WaitStatus {}

  WaitStatus RUNNING = new Running();

  /**
   * Reads the status word of waitpid(2), which the kernel also keeps in a pidfd's exit information.
   */
  static WaitStatus ofWord(int word) {
    int signal = word & 0x7f;
    return signal == 0 ? new Exited(word >> 8 & 0xff) : new Signalled(signal, (word & 0x80) != 0);
  }
}
