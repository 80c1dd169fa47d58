package dev.dunlin.migration.vmstate;

import java.util.Optional;

/**
 * State that a VMM adds to the stream as one FULL section of bytes that only it understands: a
 * device, or the whole machine at once. ({@link DescribedState} is for those that say what their
 * fields are.) At most {@link StateEntry#MAX_STATE} bytes.
 *
 * <p>All calls come while the guest stands still, at a safepoint of its CPUs ({@link
 * dev.dunlin.core.run.RunControl#atSafepoint}).
 *
 * <p>On the wire: be32 length, then the bytes.
 */
public interface SaveStateHandler {
  /** Unique together with {@link #instance}; 1 to 255 bytes. */
  String idstr();

  default int instance() {
    return 0;
  }

  /** Higher is saved, loaded and applied earlier. */
  default int priority() {
    return 0;
  }

  /** Version that {@link #save} writes and the newest that {@link #load} understands. */
  int version();

  /** The state now. */
  byte[] save();

  /** The state now, or nothing when the stream needs no section for it. */
  default Optional<byte[]> saveIfAny() {
    return Optional.of(save());
  }

  /**
   * Checks a blob and answers with the action that applies it. Must change nothing itself: the
   * stream may yet turn out bad.
   */
  Runnable load(byte[] state, int version) throws StateException;

  /** RAM and all devices are in place: drop caches, hook callbacks again. */
  default void afterLoad() {}
}
