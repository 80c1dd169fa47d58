package dev.dunlin.slirp.host;

import java.util.Optional;

/** Reads what one child says on its standard error. The emulator's loop. */
public interface ChildWords {
  /** A line of it; what of it is worth telling at once. */
  Optional<String> heard(String line);

  /** What it said last that is worth telling: the reason, if it ended badly. Short, or empty. */
  String last();
}
