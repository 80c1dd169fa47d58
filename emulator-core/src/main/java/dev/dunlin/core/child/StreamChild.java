package dev.dunlin.core.child;

import com.google.common.base.Preconditions;
import dev.dunlin.core.child.Children.OwnedChild;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A child of a stream: popen(3)'s, but with a status that is always true. The reaper doesn't know
 * it unless its stream gives up. Its owner's thread; {@link #signal} any.
 */
final class StreamChild implements OwnedChild {
  private final LivingChild child;
  private final Consumer<LivingChild> adopter;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Optional<ExitStatus> status = Optional.empty();

  StreamChild(LivingChild child, Consumer<LivingChild> adopter) {
    this.child = child;
    this.adopter = adopter;
  }

  @Override
  public int pid() {
    return child.pid();
  }

  @Override
  public int pidfd() {
    return child.process().readinessFd();
  }

  @Override
  public boolean signal(int signal) {
    return child.signal(signal);
  }

  @Override
  public ExitStatus await(long timeoutNanos) {
    if (status.isPresent()) {
      return status.get();
    }
    Preconditions.checkState(!closed.get(), "pid %s was left to the reaper", pid());
    do {
      if (!child.process().awaitEnd(timeoutNanos)) {
        return new ExitStatus.TimedOut(Duration.ofNanos(timeoutNanos));
      }
      status = child.collect();
    } while (status.isEmpty());
    return status.get();
  }

  @Override
  public void close() {
    if (!closed.get() && await(0) instanceof ExitStatus.TimedOut) {
      closed.set(true);
      adopter.accept(child);
    } else if (!closed.getAndSet(true)) {
      child.process().close();
    }
  }
}
