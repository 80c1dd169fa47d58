package dev.dunlin.migration.vmstate;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.relay.HeldGuest;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What one machine's state consists of beside its RAM. Any thread. */
public final class VmStateRegistry {
  private static final int MAX_NAME = 255;

  private final List<StateEntry> entries = new CopyOnWriteArrayList<>();
  private volatile Optional<HeldGuest> held = Optional.empty();

  /** In a relay: the state that goes out in place of any of its own. */
  public Optional<HeldGuest> held() {
    return held;
  }

  public void hold(HeldGuest guest) {
    held = Optional.of(guest);
  }

  public synchronized void add(StateEntry entry) {
    int length = entry.idstr().getBytes(StandardCharsets.UTF_8).length;
    Preconditions.checkArgument(length >= 1 && length <= MAX_NAME, "idstr '%s'", entry.idstr());
    for (StateEntry other : entries) {
      Preconditions.checkState(
          !other.idstr().equals(entry.idstr()) || other.instance() != entry.instance(),
          "two states for %s %s",
          entry.idstr(),
          entry.instance());
    }
    entries.add(entry);
  }

  public void add(SaveStateHandler handler) {
    add(new OpaqueState(handler));
  }

  public void remove(StateEntry entry) {
    entries.remove(entry);
  }

  public void remove(SaveStateHandler handler) {
    entries.removeIf(entry -> entry instanceof OpaqueState state && state.handler() == handler);
  }

  /** The first instance that no state of this name has: devices of one kind count from 0. */
  public synchronized int nextInstance(String idstr) {
    return entries.stream()
            .filter(entry -> entry.idstr().equals(idstr))
            .mapToInt(StateEntry::instance)
            .max()
            .orElse(-1)
        + 1;
  }

  /** In the order in which they are saved: by priority, equals as they were added. */
  public ImmutableList<StateEntry> entries() {
    return entries.stream()
        .sorted(Comparator.comparingInt(StateEntry::priority).reversed())
        .collect(ImmutableList.toImmutableList());
  }
}
