package dev.dunlin.slirp.tcp;

/** Hears what became of a connection that we opened toward the guest. On the loop. */
public interface Opener {
  /** The guest accepted. */
  void established(long now);

  /** The guest refused; the host's stream was reset. */
  void refused(long now);

  /** The guest didn't answer; the host's stream was reset. */
  void timedOut(long now);
}
