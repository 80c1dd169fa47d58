package dev.dunlin.core.posix;

/**
 * How one transfer of a {@link DirectSocket} ended. How much moved is in the buffer's position, why
 * it failed in {@link DirectSocket#errno}: so the packet path makes no objects.
 */
public enum Transfer {
  /** Bytes moved, or an empty datagram. */
  MOVED,
  /** Nothing to give, or no room, now. */
  WOULD_BLOCK,
  /** The peer sends no more. */
  ENDED,
  /** See {@link DirectSocket#errno}. */
  FAILED
}
