package dev.dunlin.ram;

/**
 * How migration learns which pages were written since it last asked. Dunlin's own memory keeps a
 * {@link DirtyBitmap} per client; a VMM with a log of its own (or none) implements this instead.
 *
 * <p>All three run at a safepoint of the VMM: on its own thread, where it asks for that, or on the
 * migration thread otherwise.
 */
public interface DirtyLog {

  /** False when writes can't be tracked: then only a stopped guest can be saved. */
  boolean isSupported();

  /** From now on, every page written is remembered. */
  void start();

  /** Forgets what was remembered and stops tracking. */
  void stop();

  /**
   * Reads and clears: hands every page range written since the last harvest (or start) to the sink.
   */
  void harvest(Sink sink);

  /** Receives ranges; the same range may come twice. */
  @FunctionalInterface
  interface Sink {
    void dirty(RamBlock block, long offset, long length);
  }
}
