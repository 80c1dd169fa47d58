package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;

/** One line of a description: what is done with a field, or a check between two. */
interface Step<T> {
  /** {@code version}: the one that is written. {@code owner}: the description's name. */
  void save(StateOutput out, T target, int version, String owner) throws StateException;

  /** {@code version}: the one that the stream has. */
  void load(StreamInput in, T target, int version, String owner) throws LoadException;

  /** Whether it takes the same bytes in every element of an array of structs. */
  boolean isUniform();

  /** QEMU's VMSTATE_VALIDATE: the state is refused unless the test holds here. */
  record Validation<T>(String what, FieldTest<T> test) implements Step<T> {
    @Override
    public void save(StateOutput out, T target, int version, String owner) throws StateException {
      if (!test.holds(target, version)) {
        throw new StateException("Output state validation failed: " + owner + "/" + what);
      }
    }

    @Override
    public void load(StreamInput in, T target, int version, String owner) throws LoadException {
      if (!test.holds(target, version)) {
        throw LoadException.of(
            LoadException.Kind.NOT_PERMITTED, "Input validation failed: " + owner + "/" + what);
      }
    }

    @Override
    public boolean isUniform() {
      return false;
    }
  }
}
