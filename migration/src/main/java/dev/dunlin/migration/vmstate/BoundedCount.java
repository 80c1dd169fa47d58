package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.LoadException;
import java.util.function.ToIntFunction;

/**
 * How many elements there are: always the same, or what a field that comes earlier says, which a
 * stranger may have written; so it has a bound.
 */
record BoundedCount<T>(ToIntFunction<T> count, int max) {

  static <T> BoundedCount<T> exactly(int count) {
    return new BoundedCount<>(target -> count, count);
  }

  int toSave(T target) throws StateException {
    int now = count.applyAsInt(target);
    if (now < 0 || now > max) {
      throw new StateException(now + " elements where at most " + max + " may be");
    }
    return now;
  }

  /** QEMU's words for a count that is out of range (migration/vmstate-types.c). */
  int toLoad(T target) throws LoadException {
    int now = count.applyAsInt(target);
    if (now < 0 || now > max) {
      throw LoadException.invalid(
          "Invalid value %d expecting positive value <= %d".formatted(now, max));
    }
    return now;
  }
}
