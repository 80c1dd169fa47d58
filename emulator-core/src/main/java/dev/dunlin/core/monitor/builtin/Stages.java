package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCall;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Commands that are over when a stage completes, which it does on the loop thread. */
final class Stages {
  private Stages() {}

  /** Holds the prompt until then. */
  static void hold(HmpCall call, CompletionStage<?> stage) {
    HmpCall.Suspension suspension = call.suspend();
    stage.whenComplete(
        (nothing, failure) -> {
          if (failure != null) {
            suspension.print("Error: " + error(failure).getMessage() + "\n");
          }
          suspension.resume();
        });
  }

  /** Answers {@code {}} then. */
  static Object answer(QmpCall call, CompletionStage<?> stage) {
    QmpCall.Deferred deferred = call.defer();
    stage.whenComplete(
        (nothing, failure) -> {
          if (failure == null) {
            deferred.complete(ImmutableMap.of());
          } else {
            deferred.fail(error(failure));
          }
        });
    return deferred;
  }

  private static MonitorException error(Throwable failure) {
    @Nullable Throwable cause =
        failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof MonitorException known
        ? known
        : new MonitorException(String.valueOf(cause == null ? failure : cause.getMessage()));
  }
}
