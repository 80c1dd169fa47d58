package dev.dunlin.migration.multifd;

import dev.dunlin.migration.channel.IncomingChannel;
import dev.dunlin.migration.ram.PageChannels;
import dev.dunlin.migration.ram.RamTarget;
import dev.dunlin.migration.stream.LoadException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Receives pages on several connections, up to the next barrier. {@link #reached} is for the thread
 * that reads the stream.
 */
final class MultifdReceiver implements PageChannels {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ReceiveLane> lanes = new ArrayList<>();
  private final Runnable onFailure;
  private int atBarrier;
  private int ended;
  private long barriers;
  private boolean closed;
  private Optional<LoadException> failure = Optional.empty();

  /**
   * @param channels by number
   * @param onFailure wakes the thread that reads the stream; called once at most, from a lane's
   */
  MultifdReceiver(
      List<IncomingChannel> channels,
      Compression compression,
      RamTarget target,
      Runnable onFailure) {
    this.onFailure = onFailure;
    for (int i = 0; i < channels.size(); i++) {
      lanes.add(new ReceiveLane(i, channels.get(i), compression, target, new LaneEvents()));
    }
    lanes.forEach(ReceiveLane::start);
  }

  /** Why a lane gave up, once one has. */
  Optional<LoadException> failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reached() throws LoadException {
    lock.lock();
    try {
      while (atBarrier < lanes.size()) {
        if (failure.isPresent()) {
          throw failure.get();
        }
        if (atBarrier + ended >= lanes.size()) {
          // QEMU 7.2 waits for ever.
          throw LoadException.of(
              LoadException.Kind.IO, "a multifd channel ended before the migration did");
        }
        changed.awaitUninterruptibly();
      }
      atBarrier = 0;
      barriers++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    lanes.forEach(ReceiveLane::close);
    boolean interrupted = false;
    for (ReceiveLane lane : lanes) {
      interrupted |= joinUninterruptibly(lane);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean joinUninterruptibly(ReceiveLane lane) {
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

  private final class LaneEvents implements ReceiveLane.Events {
    @Override
    public boolean atBarrier() {
      lock.lock();
      try {
        long passed = barriers;
        atBarrier++;
        changed.signalAll();
        while (barriers == passed && !closed) {
          changed.awaitUninterruptibly();
        }
        return !closed;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void ended() {
      lock.lock();
      try {
        ended++;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void failed(LoadException why) {
      boolean first;
      lock.lock();
      try {
        first = failure.isEmpty() && !closed;
        if (first) {
          failure = Optional.of(why);
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      if (first) {
        onFailure.run();
      }
    }
  }
}
