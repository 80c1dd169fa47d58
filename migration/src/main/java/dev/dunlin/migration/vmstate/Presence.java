package dev.dunlin.migration.vmstate;

import java.util.Optional;

/**
 * When a field is in the stream.
 *
 * @param since the first version of its description that has it
 * @param when asked besides, when there is such a test
 */
record Presence<T>(int since, Optional<FieldTest<T>> when) {

  static <T> Presence<T> always() {
    return new Presence<>(0, Optional.empty());
  }

  boolean in(T target, int version) {
    return since <= version && (when.isEmpty() || when.get().holds(target, version));
  }

  Presence<T> since(int version) {
    return new Presence<>(Math.max(since, version), when);
  }

  Presence<T> when(FieldTest<T> test) {
    FieldTest<T> both =
        when.<FieldTest<T>>map(
                outer ->
                    (target, version) ->
                        outer.holds(target, version) && test.holds(target, version))
            .orElse(test);
    return new Presence<>(since, Optional.of(both));
  }
}
