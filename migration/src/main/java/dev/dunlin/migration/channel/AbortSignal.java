package dev.dunlin.migration.channel;

import dev.dunlin.core.posix.EventFd;
import dev.dunlin.core.posix.PosixException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One migration's "stop now": a descriptor for whoever polls, actions for whoever blocks elsewhere.
 * Triggered once, from any thread; it stays triggered.
 */
public final class AbortSignal implements AutoCloseable {
  private final EventFd event;
  private final CompletableFuture<Void> triggered = new CompletableFuture<>();
  private final List<Runnable> actions = new ArrayList<>();

  private AbortSignal(EventFd event) {
    this.event = event;
  }

  public static AbortSignal open() throws PosixException {
    return new AbortSignal(EventFd.open());
  }

  public void trigger() {
    List<Runnable> due;
    synchronized (actions) {
      if (!triggered.complete(null)) {
        return;
      }
      due = List.copyOf(actions);
    }
    event.signal();
    due.forEach(Runnable::run);
  }

  public boolean isTriggered() {
    return triggered.isDone();
  }

  public void check() throws AbortedException {
    if (isTriggered()) {
      throw new AbortedException();
    }
  }

  /** Runs {@code action} when triggered, or now if that has happened. It must not block. */
  public void onTrigger(Runnable action) {
    synchronized (actions) {
      if (!isTriggered()) {
        actions.add(action);
        return;
      }
    }
    action.run();
  }

  /** Waits for {@code stage}, but no longer than for the signal. */
  public <T> T await(CompletionStage<T> stage) throws AbortedException {
    CompletableFuture<T> wanted = stage.toCompletableFuture();
    try {
      CompletableFuture.anyOf(wanted, triggered).get();
      if (wanted.isDone()) {
        return wanted.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    throw new AbortedException();
  }

  /** Waits so long, or for the signal. */
  public void sleep(long nanos) throws AbortedException {
    try {
      triggered.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    throw new AbortedException();
  }

  /** Readable once triggered. */
  int descriptor() {
    return event.number();
  }

  @Override
  public void close() {
    event.close();
  }
}
