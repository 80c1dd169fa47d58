package dev.dunlin.core.child;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.child.ChildRecord.Waiter;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Every child that lives, the last {@value #HISTORY} that don't, and counters. Any thread, without
 * locks: streams start children on threads of their own while a monitor lists them.
 */
public final class ChildTable {
  /** Children that have ended and are remembered; older ones are forgotten, counters aren't. */
  static final int HISTORY = 64;

  private final Clock clock;
  private final AtomicLong lastId = new AtomicLong();
  private final ConcurrentSkipListMap<Long, ChildRecord> live = new ConcurrentSkipListMap<>();
  private final ConcurrentLinkedDeque<ChildRecord> history = new ConcurrentLinkedDeque<>();
  private final AtomicInteger remembered = new AtomicInteger();

  private final LongAdder started = new LongAdder();
  private final LongAdder succeeded = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder signalled = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder notStarted = new LongAdder();

  ChildTable(Clock clock) {
    this.clock = clock;
  }

  /** Children that haven't been collected yet, oldest first. */
  public ImmutableList<ChildRecord> live() {
    return ImmutableList.copyOf(live.values());
  }

  /** Children that have ended, oldest first, at most {@value #HISTORY}. */
  public ImmutableList<ChildRecord> history() {
    return ImmutableList.copyOf(history);
  }

  public ChildCounters counters() {
    return new ChildCounters(
        started.sum(),
        succeeded.sum(),
        failed.sum(),
        signalled.sum(),
        lost.sum(),
        notStarted.sum());
  }

  /** Enters a child and returns its id. */
  long started(String owner, SpawnRequest request, int pid, Waiter waiter) {
    long id = lastId.incrementAndGet();
    started.increment();
    live.put(id, newborn(id, owner, request, pid, waiter));
    return id;
  }

  void notStarted(String owner, SpawnRequest request, PosixException error) {
    notStarted.increment();
    ExitStatus status =
        new ExitStatus.NotStarted(request.argv().get(0), error.errno(), error.errorText());
    ChildRecord record = newborn(lastId.incrementAndGet(), owner, request, 0, Waiter.REAPER);
    remember(record.ended(status, clock.wallMicros()));
  }

  void adopted(long id) {
    live.computeIfPresent(id, (same, record) -> record.adopted());
  }

  void ended(long id, ExitStatus status) {
    ChildRecord record = live.remove(id);
    if (record != null) {
      counterOf(status).increment();
      remember(record.ended(status, clock.wallMicros()));
    }
  }

  private ChildRecord newborn(long id, String owner, SpawnRequest request, int pid, Waiter waiter) {
    long now = clock.wallMicros();
    return new ChildRecord(id, pid, owner, request.argv(), waiter, now, 0, Optional.empty());
  }

  private void remember(ChildRecord record) {
    history.addLast(record);
    if (remembered.incrementAndGet() > HISTORY && history.pollFirst() != null) {
      remembered.decrementAndGet();
    }
  }

  private LongAdder counterOf(ExitStatus status) {
    if (status instanceof ExitStatus.Exited) {
      return status.isSuccess() ? succeeded : failed;
    }
    return status instanceof ExitStatus.Signalled ? signalled : lost;
  }
}
