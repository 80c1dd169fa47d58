package dev.dunlin.migration;

import dev.dunlin.core.run.GuestCpu;
import dev.dunlin.ram.RamBlock;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A guest that rewrites whole pages of a block as fast as it can: a page lost or torn on the way
 * differs from what the guest has when it stands still.
 */
final class WriterCpu implements GuestCpu, AutoCloseable {
  private final RamBlock block;
  private final int pages;
  private final int length;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Thread thread;
  private boolean running;
  private boolean closed;
  private volatile long writes;

  WriterCpu(RamBlock block, int pages) {
    this(block, pages, RamBlock.PAGE_SIZE);
  }

  /** Rewrites so many bytes of a page at a time, at a place that differs from time to time. */
  WriterCpu(RamBlock block, int pages, int length) {
    this.block = block;
    this.length = length;
    this.pages = pages;
    this.thread = new Thread(this::run, "writer cpu");
    this.thread.start();
  }

  long writes() {
    return writes;
  }

  @Override
  public CompletionStage<Void> pause() {
    return ask(() -> running = false);
  }

  @Override
  public CompletionStage<Void> resume() {
    return ask(() -> running = true);
  }

  @Override
  public CompletionStage<Void> atSafepoint(Runnable task) {
    return ask(task);
  }

  private CompletionStage<Void> ask(Runnable task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    synchronized (tasks) {
      tasks.add(
          () -> {
            task.run();
            done.complete(null);
          });
      tasks.notifyAll();
    }
    return done;
  }

  private void run() {
    ByteBuffer page = ByteBuffer.allocateDirect(RamBlock.PAGE_SIZE);
    long value = 1;
    while (true) {
      Runnable task;
      synchronized (tasks) {
        while (tasks.isEmpty() && !running && !closed) {
          try {
            tasks.wait();
          } catch (InterruptedException e) {
            return;
          }
        }
        if (closed) {
          return;
        }
        task = tasks.poll();
      }
      if (task != null) {
        task.run();
        continue;
      }
      value++;
      page.clear().limit(length);
      while (page.remaining() >= Long.BYTES) {
        page.putLong(value);
      }
      long place = value * 31 % (RamBlock.PAGE_SIZE - length + 1);
      block.write(value * 7919 % pages * RamBlock.PAGE_SIZE + place, page.flip());
      writes = value;
    }
  }

  @Override
  public void close() throws InterruptedException {
    synchronized (tasks) {
      closed = true;
      tasks.notifyAll();
    }
    thread.join();
  }
}
