package dev.dunlin.core.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Requests that each last a while, one at a time in the order in which they came. Loop thread. */
final class RequestQueue {
  private final Deque<Request> waiting = new ArrayDeque<>();
  private boolean busy;
  private boolean pumping;

  private record Request(Supplier<CompletionStage<Void>> action, CompletableFuture<Void> done) {}

  /** Carries the action out at once, or when those before it are over. */
  CompletionStage<Void> submit(Supplier<CompletionStage<Void>> action) {
    Request request = new Request(action, new CompletableFuture<>());
    waiting.add(request);
    pump();
    return request.done();
  }

  /** A loop and no recursion: thousands may have queued up behind one slow CPU. */
  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (!busy && !waiting.isEmpty()) {
        run(waiting.remove());
      }
    } finally {
      pumping = false;
    }
  }

  private void run(Request request) {
    busy = true;
    begin(request.action())
        .whenComplete(
            (nothing, failure) -> {
              busy = false;
              if (failure == null) {
                request.done().complete(null);
              } else {
                request.done().completeExceptionally(failure);
              }
              pump();
            });
  }

  private static CompletionStage<Void> begin(Supplier<CompletionStage<Void>> action) {
    try {
      return action.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
