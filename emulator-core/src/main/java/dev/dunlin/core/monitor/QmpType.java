package dev.dunlin.core.monitor;

import com.google.common.collect.ImmutableList;

/**
 * A QAPI type, as {@code query-qmp-schema} describes it and as arguments are checked against it.
 */
public sealed interface QmpType {
  QmpType STRING = Builtin.STR;
  QmpType INT = Builtin.INT;
  QmpType NUMBER = Builtin.NUMBER;
  QmpType BOOL = Builtin.BOOL;
  QmpType ANY = Builtin.ANY;

  /** An object without members: the answer {@code {}}. */
  QmpType EMPTY = new Struct("", ImmutableList.of());

  /** The JSON types. */
  enum Builtin implements QmpType {
    STR,
    INT,
    NUMBER,
    BOOL,
    ANY
  }

  /** One of a set of strings. */
  record EnumOf(String name, ImmutableList<String> values) implements QmpType {}

  /** An array. */
  record ListOf(QmpType element) implements QmpType {}

  /** An object with these members. */
  record Struct(String name, ImmutableList<QmpCommand.Parameter> members) implements QmpType {}
}
