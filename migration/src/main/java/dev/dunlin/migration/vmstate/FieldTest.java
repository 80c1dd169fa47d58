package dev.dunlin.migration.vmstate;

/** Looks at what was loaded before a field, and at the version that is being saved or loaded. */
@FunctionalInterface
public interface FieldTest<T> {
  boolean holds(T target, int version);
}
