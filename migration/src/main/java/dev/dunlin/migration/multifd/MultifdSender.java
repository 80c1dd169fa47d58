package dev.dunlin.migration.multifd;

import dev.dunlin.migration.channel.AbortSignal;
import dev.dunlin.migration.channel.SocketOutgoing;
import dev.dunlin.migration.ram.PageLane;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** Spreads pages over several connections. Migration thread. */
public final class MultifdSender implements PageLane, AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final AtomicLong bytes = new AtomicLong();
  private final List<SendLane> lanes = new ArrayList<>();
  private final AbortSignal ending;
  private PageBatch batch = new PageBatch();
  private int next;
  private long packets;

  private MultifdSender(AbortSignal ending) {
    this.ending = ending;
  }

  /** Makes the connections. */
  @FunctionalInterface
  public interface Connector {
    /**
     * One more connection to where the stream goes.
     *
     * @param abort ends its waiting, from now on
     */
    SocketOutgoing connect(AbortSignal abort) throws IOException;
  }

  /**
   * Connects so many times, one after the other, behind the stream's own connection: a receiver
   * that can't look at the first bytes takes the first connection for the stream.
   *
   * @param abort the migration's
   */
  public static MultifdSender connect(
      Connector connector,
      int channels,
      Compression compression,
      int level,
      UUID uuid,
      AbortSignal abort)
      throws IOException {
    // A signal of its own, so that one lane's failure frees the others while nobody cancels.
    AbortSignal ending = AbortSignal.open();
    abort.onTrigger(ending::trigger);
    MultifdSender sender = new MultifdSender(ending);
    try {
      for (int i = 0; i < channels; i++) {
        SocketOutgoing channel = connector.connect(ending);
        SendLane lane =
            new SendLane(
                channel,
                new Hello(uuid, i),
                compression,
                level,
                sender.lock,
                sender.changed,
                sender.bytes);
        sender.lanes.add(lane);
        channel.holdLittle();
        lane.start();
      }
      return sender;
    } catch (IOException | RuntimeException | Error e) {
      sender.close();
      throw e;
    }
  }

  @Override
  public void page(RamBlock block, long offset) throws IOException {
    if (!batch.takes(block)) {
      handOver();
    }
    batch.add(block, offset);
  }

  @Override
  public void sync() throws IOException {
    if (batch.count() > 0) {
      handOver();
    }
    lock.lock();
    try {
      for (SendLane lane : lanes) {
        awaitIdle(lane);
        lane.sync(packets++);
      }
      for (SendLane lane : lanes) {
        awaitIdle(lane);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long bytes() {
    return bytes.get();
  }

  /** Bytes that the other side is known not to have yet. */
  public long backlog() throws IOException {
    long waiting = 0;
    for (SendLane lane : lanes) {
      waiting += lane.backlog();
    }
    return waiting;
  }

  /** After the last {@link #sync}: waits until the other side has everything. */
  public void finish() throws IOException {
    for (SendLane lane : lanes) {
      lane.drain();
    }
  }

  /** Ends all connections and threads, whatever they do. Idempotent. */
  @Override
  public void close() {
    ending.trigger();
    lock.lock();
    try {
      lanes.forEach(SendLane::close);
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (SendLane lane : lanes) {
      interrupted |= joinUninterruptibly(lane);
    }
    lanes.clear();
    ending.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean joinUninterruptibly(SendLane lane) {
    boolean interrupted = false;
    while (true) {
      try {
        lane.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  private void handOver() throws IOException {
    lock.lock();
    try {
      SendLane lane = awaitRoom();
      batch = lane.exchange(batch, packets++);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The first idle lane after the one that got the last, as in QEMU; while all are busy, the first
   * that has nothing waiting.
   */
  private SendLane awaitRoom() throws IOException {
    while (true) {
      checkAll();
      Optional<SendLane> lane = nextLane(SendLane::isIdle).or(() -> nextLane(SendLane::hasRoom));
      if (lane.isPresent()) {
        return lane.get();
      }
      changed.awaitUninterruptibly();
    }
  }

  private Optional<SendLane> nextLane(Predicate<SendLane> fits) {
    for (int i = 0; i < lanes.size(); i++) {
      int index = (next + i) % lanes.size();
      if (fits.test(lanes.get(index))) {
        next = index + 1;
        return Optional.of(lanes.get(index));
      }
    }
    return Optional.empty();
  }

  private void awaitIdle(SendLane lane) throws IOException {
    checkAll();
    while (!lane.isIdle()) {
      changed.awaitUninterruptibly();
      checkAll();
    }
  }

  private void checkAll() throws IOException {
    for (SendLane lane : lanes) {
      Optional<Throwable> failure = lane.failure();
      if (failure.isPresent()) {
        if (failure.get() instanceof IOException known) {
          throw known;
        }
        throw new IllegalStateException("a multifd channel ended by a defect", failure.get());
      }
    }
  }
}
