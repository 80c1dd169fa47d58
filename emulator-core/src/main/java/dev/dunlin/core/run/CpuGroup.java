package dev.dunlin.core.run;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.loop.MainLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The CPUs of a machine, asked together. An answer may come on any thread; it counts on the loop
 * thread. A CPU that is removed while it is waited for counts as having answered. Loop thread, but
 * {@link #list}.
 */
final class CpuGroup {
  private final MainLoop loop;
  private final List<Round> rounds = new ArrayList<>();
  private volatile ImmutableList<GuestCpu> cpus = ImmutableList.of();

  CpuGroup(MainLoop loop) {
    this.loop = loop;
  }

  /** Any thread. */
  ImmutableList<GuestCpu> list() {
    return cpus;
  }

  void add(GuestCpu cpu) {
    cpus = ImmutableList.<GuestCpu>builder().addAll(cpus).add(cpu).build();
  }

  void remove(GuestCpu cpu) {
    cpus = cpus.stream().filter(c -> c != cpu).collect(ImmutableList.toImmutableList());
    List.copyOf(rounds).forEach(round -> round.answered(cpu));
  }

  CompletionStage<Void> pauseAll() {
    return ask(cpus, GuestCpu::pause);
  }

  CompletionStage<Void> resumeAll() {
    return ask(cpus, GuestCpu::resume);
  }

  /** Completes on the loop thread when each of these CPUs has answered. */
  CompletionStage<Void> ask(
      List<GuestCpu> asked, Function<GuestCpu, CompletionStage<Void>> question) {
    Round round = new Round(asked);
    rounds.add(round);
    for (GuestCpu cpu : asked) {
      answer(cpu, question)
          .whenComplete((nothing, failure) -> onLoop(() -> round.settle(cpu, failure)));
    }
    round.finishIfComplete();
    return round.done;
  }

  private static CompletionStage<Void> answer(
      GuestCpu cpu, Function<GuestCpu, CompletionStage<Void>> question) {
    try {
      return question.apply(cpu);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void onLoop(Runnable step) {
    if (loop.isLoopThread()) {
      step.run();
    } else {
      loop.execute(step);
    }
  }

  /** One question to several CPUs. */
  private final class Round {
    private final List<GuestCpu> waiting;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Round(List<GuestCpu> asked) {
      waiting = new ArrayList<>(asked);
    }

    void settle(GuestCpu cpu, @Nullable Throwable failure) {
      if (failure != null && waiting.contains(cpu)) {
        rounds.remove(this);
        done.completeExceptionally(failure);
      }
      answered(cpu);
    }

    void answered(GuestCpu cpu) {
      waiting.remove(cpu);
      finishIfComplete();
    }

    void finishIfComplete() {
      if (waiting.isEmpty()) {
        rounds.remove(this);
        done.complete(null);
      }
    }
  }
}
