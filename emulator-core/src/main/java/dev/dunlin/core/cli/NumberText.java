package dev.dunlin.core.cli;

/** What a text says as a number: a value, one too large for 64 bits, or none at all. */
public sealed interface NumberText {

  /** All 64 bits, unsigned. */
  record Value(long bits) implements NumberText {}

  /** A number, but not below 2^64. */
  record OutOfRange() implements NumberText {}

  /** Not a number. */
  record Malformed() implements NumberText {}
}
