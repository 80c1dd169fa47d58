package dev.dunlin.core.posix;

/**
 * What one read or write came to. Errors are {@link PosixException}s; these three are not errors.
 */
public sealed interface IoOutcome {

  /** So many bytes moved; the buffer's position has advanced by as many. */
  record Transferred(int bytes) implements IoOutcome {}

  /** EAGAIN: a non-blocking descriptor has nothing to give, or no room, now. */
  record WouldBlock() implements IoOutcome {}

  /** read(2) said 0: nothing will ever come again. */
  record EndOfStream() implements IoOutcome {}

  IoOutcome WOULD_BLOCK = new WouldBlock();
  IoOutcome END_OF_STREAM = new EndOfStream();
}
