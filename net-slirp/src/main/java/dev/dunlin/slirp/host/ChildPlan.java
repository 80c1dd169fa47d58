package dev.dunlin.slirp.host;

import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.posix.SpawnRequest;
import java.io.IOException;
import java.util.Optional;

/** A kind of child that answers connections of a guest. Asked on the emulator's loop. */
public interface ChildPlan {
  /** The user network that it belongs to. */
  String network();

  /** What it is for: {@code smb}. */
  String service();

  /** As {@code info children} and the log call it. */
  default String owner() {
    return network() + " " + service();
  }

  /** Runs {@code then} as soon as a child may start: at once as a rule. */
  default void whenReady(Runnable then) {
    then.run();
  }

  /**
   * What to start; its fds 0 and 1 will be the connection.
   *
   * @throws IOException when there can't be one now
   */
  SpawnRequest request() throws IOException;

  /** Whether one that ended so did what it should. */
  boolean isOrderly(ExitStatus status);

  /** Who reads the standard error of one child; empty: it goes on to our own. */
  default Optional<ChildWords> words() {
    return Optional.empty();
  }

  /** What is wrong with what it needs, a sentence for the log; empty as a rule. */
  default Optional<String> trouble() {
    return Optional.empty();
  }

  /**
   * One was started.
   *
   * @return run once, at its end
   */
  Runnable started(int pid) throws IOException;
}
