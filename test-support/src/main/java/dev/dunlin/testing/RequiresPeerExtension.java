package dev.dunlin.testing;

import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * {@link RequiresPeer}'s behaviour. The failure comes from a callback and not from the condition,
 * because JUnit wraps what a condition throws and the sentence would drown.
 */
final class RequiresPeerExtension
    implements ExecutionCondition, BeforeAllCallback, BeforeEachCallback {

  /** Whether a missing peer is an error in this run. */
  static boolean required() {
    return "required".equals(System.getProperty("dunlin.peers"));
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> missing = missing(context);
    if (missing.isPresent() && !required()) {
      return ConditionEvaluationResult.disabled(Peer.missing(missing.get()));
    }
    return ConditionEvaluationResult.enabled("peers present, or required");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    refuse(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    refuse(context);
  }

  private static void refuse(ExtensionContext context) {
    missing(context)
        .ifPresent(
            program -> {
              throw new AssertionError(Peer.missing(program));
            });
  }

  private static Optional<String> missing(ExtensionContext context) {
    return context
        .getElement()
        .flatMap(RequiresPeerExtension::annotation)
        .flatMap(
            annotation ->
                Arrays.stream(annotation.value())
                    .filter(program -> Peer.find(program).isEmpty())
                    .findFirst());
  }

  private static Optional<RequiresPeer> annotation(AnnotatedElement element) {
    return Optional.ofNullable(element.getAnnotation(RequiresPeer.class));
  }
}
