package dev.dunlin.core;

import java.util.Optional;

/**
 * State of a module's own that goes along when the machine is saved, as versioned bytes that only
 * the module understands. A module that saves machines finds these by {@link
 * Emulator#moduleStates}; neither side knows the other.
 *
 * <p>All calls come while the guest stands still, at a safepoint of its CPUs, on whatever thread
 * that is: they may wait for the module's own threads for a moment, and for nothing else.
 */
public interface ModuleState {

  /** Unique in an emulator; 1 to 255 bytes. */
  String name();

  /** Version that {@link #save} writes and the newest that {@link #load} understands. */
  int version();

  /** The state now; empty when there is nothing that a fresh machine wouldn't have. */
  Optional<byte[]> save();

  /**
   * Checks what another machine saved, whatever it is, and answers with what puts it in place.
   * Changes nothing itself: more of the machine may yet turn out bad.
   */
  Runnable load(byte[] state, int version) throws ModuleStateException;
}
