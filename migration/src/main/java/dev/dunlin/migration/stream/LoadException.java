package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;

/**
 * A stream that can't be loaded: QEMU's lines, innermost first, and the error that its last line
 * names. Streams come from strangers, so this is an ordinary outcome.
 */
public final class LoadException extends Exception {
  private static final long serialVersionUID = 1;

  /** The errors that QEMU's loader tells apart. */
  public enum Kind {
    INVALID("Invalid argument"),
    IO("Input/output error"),
    UNSUPPORTED("Operation not supported"),
    NOT_PERMITTED("Operation not permitted"),
    NOT_FOUND("No such file or directory");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  private final Kind kind;
  private final ImmutableList<String> lines;

  private LoadException(Kind kind, ImmutableList<String> lines) {
    super(String.join("; ", lines));
    this.kind = kind;
    this.lines = lines;
  }

  public static LoadException invalid(String line) {
    return new LoadException(Kind.INVALID, ImmutableList.of(line));
  }

  public static LoadException of(Kind kind, String... lines) {
    return new LoadException(kind, ImmutableList.copyOf(lines));
  }

  /** The same failure as its caller reports it: one more line. */
  public LoadException within(String line) {
    return new LoadException(kind, ImmutableList.<String>builder().addAll(lines).add(line).build());
  }

  public Kind kind() {
    return kind;
  }

  /** All lines but the last one, which QEMU words {@code load of migration failed: KIND}. */
  public ImmutableList<String> lines() {
    return lines;
  }
}
