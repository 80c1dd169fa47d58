package dev.dunlin.core.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A CPU that answers when the test says so, and keeps what it was asked. */
final class FakeCpu implements GuestCpu {
  private final List<String> log;
  private final String name;
  private final List<Runnable> unanswered = new ArrayList<>();
  private boolean slow;

  FakeCpu(String name, List<String> log) {
    this.name = name;
    this.log = log;
  }

  /** From now on questions wait for {@link #answer}. */
  FakeCpu slow() {
    slow = true;
    return this;
  }

  /** Answers the oldest question. */
  void answer() {
    unanswered.remove(0).run();
  }

  int questions() {
    return unanswered.size();
  }

  @Override
  public CompletionStage<Void> pause() {
    return ask("pause", () -> {});
  }

  @Override
  public CompletionStage<Void> resume() {
    return ask("resume", () -> {});
  }

  @Override
  public CompletionStage<Void> atSafepoint(Runnable task) {
    return ask("safepoint", task);
  }

  private CompletionStage<Void> ask(String question, Runnable task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable answer =
        () -> {
          log.add(name + " " + question);
          task.run();
          done.complete(null);
        };
    if (slow) {
      unanswered.add(answer);
    } else {
      answer.run();
    }
    return done;
  }
}
