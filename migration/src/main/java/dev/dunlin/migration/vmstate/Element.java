package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;

/** What a field has once or, in an array, {@code index} times: QEMU's VMStateInfo. */
interface Element<T> {
  /** QEMU's name of the type. */
  String type();

  /** Whether each one is laid out as the first, so that its description will do for all. */
  default boolean isUniform() {
    return true;
  }

  void save(StateOutput out, T target, int index) throws StateException;

  /** Past the end of the stream the values are zeroes; the caller notices. */
  void load(StreamInput in, T target, int index) throws LoadException;
}
