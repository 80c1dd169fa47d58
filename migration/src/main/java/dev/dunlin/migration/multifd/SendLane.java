package dev.dunlin.migration.multifd;

import dev.dunlin.core.posix.IoVectors;
import dev.dunlin.core.posix.NativeMemory;
import dev.dunlin.migration.channel.SocketOutgoing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * One connection and the thread that writes to it. While it sends one job it can have another that
 * waits, so that it goes on without asking. What is said of jobs is guarded by the lock that all
 * lanes of a migration share; a condition tells the migration's thread that something changed.
 */
final class SendLane {
  private final SocketOutgoing channel;
  private final BatchEncoder encoder;
  private final Compression compression;
  private final Hello hello;
  private final Lock lock;
  private final Condition changed;
  private final Condition given;
  private final AtomicLong bytes;
  private final Packet packet = new Packet();
  private final IoVectors vectors = new IoVectors();
  private final Thread thread;

  /** Empty ones: as many as it hasn't got jobs with pages. */
  private final Deque<PageBatch> spares =
      new ArrayDeque<>(List.of(new PageBatch(), new PageBatch()));

  private @Nullable Job waiting;
  private boolean sending;
  private boolean closing;
  private Optional<Throwable> failure = Optional.empty();

  /** A batch, or none for a barrier; the packet's number. */
  private record Job(Optional<PageBatch> batch, long number) {}

  /**
   * @param bytes to be added to by every lane
   */
  SendLane(
      SocketOutgoing channel,
      Hello hello,
      Compression compression,
      int level,
      Lock lock,
      Condition changed,
      AtomicLong bytes) {
    this.channel = channel;
    this.hello = hello;
    this.compression = compression;
    this.encoder = compression.encoder(level);
    this.lock = lock;
    this.changed = changed;
    this.given = lock.newCondition();
    this.bytes = bytes;
    this.thread = new Thread(this::run, "multifdsend_" + hello.channel());
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  // ---- by the migration's thread, under the lock ----

  /** Everything that it was given is written. */
  boolean isIdle() {
    return waiting == null && !sending;
  }

  boolean hasRoom() {
    return waiting == null;
  }

  Optional<Throwable> failure() {
    return failure;
  }

  /** Takes a full batch for an empty one. The lane must have room. */
  PageBatch exchange(PageBatch full, long number) {
    give(new Job(Optional.of(full), number));
    return spares.remove();
  }

  /** A barrier behind all that came before. The lane must be idle. */
  void sync(long number) {
    give(new Job(Optional.empty(), number));
  }

  private void give(Job job) {
    waiting = job;
    given.signal();
  }

  /** Nothing comes any more; the thread ends when it is idle. */
  void close() {
    closing = true;
    given.signal();
  }

  // ---- without it ----

  /** Waits until the other side has everything. The lane must be idle. */
  void drain() throws IOException {
    channel.drain();
  }

  long backlog() throws IOException {
    return channel.backlog();
  }

  /**
   * Waits for the thread, which was closed and can't be writing any more, and ends the connection.
   */
  void join() throws InterruptedException {
    thread.join();
    channel.close();
    encoder.close();
  }

  // ---- the lane's thread ----

  private void run() {
    try {
      ByteBuffer first = hello.encode();
      channel.write(first);
      bytes.addAndGet(Hello.BYTES);
      for (Optional<Job> next = await(); next.isPresent(); next = await()) {
        send(next.get());
        done(next.get());
      }
    } catch (IOException | RuntimeException | Error e) {
      failed(e);
    }
  }

  /** The next job; empty at the end. It may have been given before the thread came here. */
  private Optional<Job> await() {
    lock.lock();
    try {
      while (waiting == null && !closing) {
        given.awaitUninterruptibly();
      }
      Optional<Job> next = Optional.ofNullable(waiting);
      waiting = null;
      sending = next.isPresent();
      changed.signal();
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void done(Job job) {
    lock.lock();
    try {
      job.batch().ifPresent(spares::add);
      sending = false;
      if (waiting == null) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void failed(Throwable why) {
    lock.lock();
    try {
      failure = Optional.of(why);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void send(Job now) throws IOException {
    vectors.add(NativeMemory.addressOf(packet.bytes()), Packet.BYTES);
    if (now.batch().isPresent()) {
      PageBatch batch = now.batch().get();
      int size = encoder.encode(batch, vectors);
      packet.pages(batch, compression.flags(), size, now.number());
      batch.clear();
    } else {
      packet.sync(now.number());
    }
    long length = vectors.bytes();
    channel.write(vectors);
    bytes.addAndGet(length);
  }
}
