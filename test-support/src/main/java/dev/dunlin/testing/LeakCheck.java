package dev.dunlin.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts what a piece of work leaves behind in this JVM: descriptors, threads, children (running or
 * zombie) and temp directories. Closing it fails unless all are as they were, after a short time
 * for what is just ending.
 *
 * <pre>{@code
 * try (LeakCheck nothingLeft = LeakCheck.begin()) { … }
 * }</pre>
 */
public final class LeakCheck implements AutoCloseable {
  private static final Duration SETTLE = Duration.ofSeconds(10);

  private final Residue before = Residue.now();

  private LeakCheck() {}

  public static LeakCheck begin() {
    return new LeakCheck();
  }

  /** What is there now that wasn't at the beginning, one line each; empty when nothing is. */
  public List<String> left() {
    return new ArrayList<>(Residue.now().since(before));
  }

  /** Fails with a list of what is left, unless it goes away within some seconds. */
  @Override
  public void close() {
    try {
      Await.until("nothing left behind", SETTLE, () -> left().isEmpty());
    } catch (AssertionError late) {
      throw new AssertionError("Left behind:\n  " + String.join("\n  ", left()), late);
    }
  }
}
