package dev.dunlin.core.child;

import com.google.common.base.Preconditions;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.FdWatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Collects registered children, and nobody else: each has its own descriptor on the loop, which is
 * readable at its end, and is waited for through that. Children of streams and of strangers in this
 * process ({@code java.lang.Process}, other libraries) never come near it. Loop thread.
 */
final class ChildReaper implements AutoCloseable {
  private final MainLoop loop;
  private final Consumer<ProcessSource.Handle> survivors;
  private final Map<Integer, Registration> registered = new HashMap<>();

  /**
   * @param survivors takes over what is still alive at {@link #close}
   */
  ChildReaper(MainLoop loop, Consumer<ProcessSource.Handle> survivors) {
    this.loop = loop;
    this.survivors = survivors;
  }

  /**
   * Who wants to know. {@code beforeCollection} runs while the PID is still taken, so that what is
   * kept by number can be forgotten before the number is free.
   */
  record Interest(String owner, Runnable beforeCollection, Consumer<ExitStatus> onExit) {}

  /**
   * Waits for {@code process} from now on; its status goes to {@code interest} once. Refused when
   * that PID is being waited for already and hasn't ended.
   */
  void register(ProcessSource.Handle process, Interest interest) {
    loop.assertOnLoop();
    settlePredecessor(process.pid());
    Registration registration = new Registration(process, interest);
    registration.watch =
        Optional.of(
            loop.watch(process.readinessFd(), FdEvents.READ, events -> collect(registration)));
    registered.put(process.pid(), registration);
  }

  /**
   * Waits at most {@code nanos} for a registered child and collects it as its watch would; for the
   * time when the loop no longer turns.
   */
  void awaitCollection(ProcessSource.Handle process, long nanos) {
    loop.assertOnLoop();
    Registration registration = registered.get(process.pid());
    if (registration != null && registration.process == process && process.awaitEnd(nanos)) {
      collect(registration);
    }
  }

  /** PIDs waited for. */
  int size() {
    return registered.size();
  }

  /** Lets go of all children without waiting for any; {@code survivors} gets the living. */
  @Override
  public void close() {
    loop.assertOnLoop();
    for (Registration registration : List.copyOf(registered.values())) {
      if (registration.process.awaitEnd(0)) {
        collect(registration);
      } else {
        forget(registration);
        survivors.accept(registration.process);
      }
    }
  }

  /**
   * The kernel gives a PID away only when its last holder has been collected: an entry of the same
   * number was stolen from us, and the notice is only under way.
   */
  private void settlePredecessor(int pid) {
    Registration before = registered.get(pid);
    if (before == null) {
      return;
    }
    Optional<ExitStatus> status = Statuses.of(before.process.collect());
    Preconditions.checkState(
        status.isPresent(), "pid %s is registered already, by %s", pid, before.interest.owner());
    release(before);
    // Later, not in the middle of somebody's spawn.
    loop.execute(() -> before.interest.onExit().accept(status.get()));
  }

  private void collect(Registration registration) {
    registration.interest.beforeCollection().run();
    Optional<ExitStatus> status = Statuses.of(registration.process.collect());
    if (status.isPresent()) {
      release(registration);
      registration.interest.onExit().accept(status.get());
    }
  }

  /** The watch goes before the descriptor, whose number is used again at once. */
  private void release(Registration registration) {
    forget(registration);
    registration.process.close();
  }

  private void forget(Registration registration) {
    registered.remove(registration.process.pid(), registration);
    registration.watch.ifPresent(FdWatch::close);
  }

  private static final class Registration {
    private final ProcessSource.Handle process;
    private final Interest interest;
    private Optional<FdWatch> watch = Optional.empty();

    Registration(ProcessSource.Handle process, Interest interest) {
      this.process = process;
      this.interest = interest;
    }
  }
}
