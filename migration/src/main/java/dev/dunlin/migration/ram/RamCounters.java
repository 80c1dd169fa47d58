package dev.dunlin.migration.ram;

/** What the RAM saver has done so far; an immutable snapshot, sizes in bytes. */
public record RamCounters(
    long total,
    long remaining,
    long transferred,
    long precopyBytes,
    long downtimeBytes,
    long zeroPages,
    long normalPages,
    long syncs,
    long dirtyPagesRate,
    long multifdBytes) {
  public static final RamCounters NONE = new RamCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  public long pages() {
    return zeroPages + normalPages;
  }
}
