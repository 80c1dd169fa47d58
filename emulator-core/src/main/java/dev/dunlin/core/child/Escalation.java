package dev.dunlin.core.child;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.child.Children.Child;
import dev.dunlin.core.child.Children.OwnedChild;
import dev.dunlin.core.loop.MainLoop;
import java.time.Duration;

/**
 * How long to wait for a child, and what to send it then: the only way that anything here kills,
 * and only as far as its user wrote down. {@code Escalation.patience(5 s).thenSignal(SIGTERM, 2
 * s).thenSignal(SIGKILL, 1 s)}.
 *
 * @param patience how long to wait before the first signal
 */
public record Escalation(Duration patience, ImmutableList<Step> steps) {

  /** A signal, and how long to wait for what it does. */
  public record Step(int signal, Duration patience) {}

  /** Waits and does nothing else. */
  public static Escalation patience(Duration patience) {
    return new Escalation(patience, ImmutableList.of());
  }

  public Escalation thenSignal(int signal, Duration patience) {
    ImmutableList<Step> longer =
        ImmutableList.<Step>builder().addAll(steps).add(new Step(signal, patience)).build();
    return new Escalation(this.patience, longer);
  }

  /**
   * Goes through the steps until the child ends, blocking its owner's thread. One still alive after
   * the last is left to the reaper, and the status says TimedOut, with the whole time.
   */
  public ExitStatus end(OwnedChild child) {
    ExitStatus status = child.await(patience.toNanos());
    Duration waited = patience;
    for (Step step : steps) {
      if (!(status instanceof ExitStatus.TimedOut)) {
        return status;
      }
      child.signal(step.signal());
      status = child.await(step.patience().toNanos());
      waited = waited.plus(step.patience());
    }
    if (status instanceof ExitStatus.TimedOut) {
      child.close();
      return new ExitStatus.TimedOut(waited);
    }
    return status;
  }

  /**
   * The same for a registered child, by timers. Its end comes to its onExit as ever. Loop thread.
   */
  public void begin(MainLoop loop, Child child) {
    schedule(loop, child, patience, 0);
  }

  private void schedule(MainLoop loop, Child child, Duration delay, int next) {
    if (next < steps.size()) {
      loop.schedule(delay, () -> take(loop, child, next));
    }
  }

  private void take(MainLoop loop, Child child, int index) {
    Step step = steps.get(index);
    if (child.signal(step.signal())) {
      schedule(loop, child, step.patience(), index + 1);
    }
  }
}
