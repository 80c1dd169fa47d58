package dev.dunlin.migration.inspect;

import dev.dunlin.migration.stream.LoadException;

/** What may be remembered of a stream, whatever it claims to hold. One thread. */
public final class MemoryBudget {
  private final long limit;
  private long used;

  public MemoryBudget(long limit) {
    this.limit = limit;
  }

  /** Half of what the JVM may have. */
  public static MemoryBudget ofJvm() {
    return ofJvm(1);
  }

  /** An equal share of that, for each of several streams that are remembered at once. */
  public static MemoryBudget ofJvm(int streams) {
    return new MemoryBudget(Runtime.getRuntime().maxMemory() / 2 / streams);
  }

  void take(long bytes) throws LoadException {
    used += bytes;
    if (used > limit) {
      throw LoadException.invalid(
          "The stream's pages are too many to remember in %d MiB".formatted(limit >> 20));
    }
  }
}
