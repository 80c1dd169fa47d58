package dev.dunlin.core.child;

import dev.dunlin.core.child.Children.Child;
import java.util.Optional;

/** One child with its places: its handle, its line in the table, its entry with the guard. */
final class LivingChild implements Child {
  private final ProcessSource.Handle process;
  private final String owner;
  private final long id;
  private final ChildTable table;
  private final Runnable forget;

  LivingChild(
      ProcessSource.Handle process, String owner, long id, ChildTable table, Runnable forget) {
    this.process = process;
    this.owner = owner;
    this.id = id;
    this.table = table;
    this.forget = forget;
  }

  ProcessSource.Handle process() {
    return process;
  }

  @Override
  public int pid() {
    return process.pid();
  }

  @Override
  public String owner() {
    return owner;
  }

  @Override
  public boolean signal(int signal) {
    return process.signal(signal);
  }

  /** Runs while the PID is still taken. */
  void beforeCollection() {
    forget.run();
  }

  /** Collects it if it has ended and enters the status; for its one waiter. */
  Optional<ExitStatus> collect() {
    beforeCollection();
    Optional<ExitStatus> status = Statuses.of(process.collect());
    status.ifPresent(this::ended);
    return status;
  }

  void ended(ExitStatus status) {
    table.ended(id, status);
  }

  void adopted() {
    table.adopted(id);
  }
}
