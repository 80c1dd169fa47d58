package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.SectionType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Lays a device's description over its bytes. What isn't described finer than by its size stays
 * bytes. A description is a stranger's too: it may claim more fields than there are bytes, so those
 * are bounded.
 */
final class FieldReader {
  /** Real paths have a few dozen characters. */
  private static final int MAX_PATH = 1000;

  /**
   * How many fields may be shown of a whole stream (a big machine of QEMU's has 10,000), and what
   * they may take: a description of a few bytes can ask for a million long names.
   */
  static final class Budget {
    /** A field without its name: the value, its bytes' views, a place in a list. */
    private static final int VALUE_BYTES = 256;

    private int left = 1_000_000;
    private long bytes;

    /**
     * @param bytes of memory
     */
    Budget(long bytes) {
      this.bytes = bytes;
    }

    /** An eighth of what the JVM may have. */
    static Budget ofJvm() {
      return new Budget(Runtime.getRuntime().maxMemory() / 8);
    }
  }

  private final ByteBuffer content;
  private final Budget budget;
  private final ImmutableList.Builder<FieldValue> values = ImmutableList.builder();

  private FieldReader(ByteBuffer content, Budget budget) {
    this.content = content;
    this.budget = budget;
  }

  /** All fields; empty when the description doesn't fit the bytes to the last. */
  static Optional<ImmutableList<FieldValue>> read(
      StateShape shape, ByteBuffer content, Budget budget) {
    FieldReader reader = new FieldReader(content.duplicate(), budget);
    try {
      reader.state("", shape);
    } catch (Misfit e) {
      return Optional.empty();
    }
    return reader.content.hasRemaining() ? Optional.empty() : Optional.of(reader.values.build());
  }

  /** The description is of something else. */
  private static final class Misfit extends Exception {
    private static final long serialVersionUID = 1;

    Misfit() {
      super("", null, false, false);
    }
  }

  private void state(String prefix, StateShape shape) throws Misfit {
    for (FieldShape field : shape.fields()) {
      field(prefix, field);
    }
    for (StateShape subsection : shape.subsections()) {
      subsection(prefix, subsection);
    }
  }

  private void field(String prefix, FieldShape field) throws Misfit {
    String path = prefix + field.name() + (field.index() >= 0 ? "[" + field.index() + "]" : "");
    if (field.struct().isEmpty()) {
      leaf(path, field);
      return;
    }
    for (long i = 0; i < field.count(); i++) {
      int before = content.position();
      state(field.count() > 1 ? path + "[" + i + "]." : path + ".", field.struct().get());
      count(path);
      if (content.position() - before > field.size()) {
        throw new Misfit();
      }
      if (content.position() - before < field.size()) {
        rest(path, field.size() - (content.position() - before));
      }
    }
  }

  /** What a type puts beside its fields. */
  private void rest(String path, long size) throws Misfit {
    leaf(path + ".(rest)", new FieldShape("", "bytes", size, 1, -1, Optional.empty()));
  }

  private void leaf(String path, FieldShape field) throws Misfit {
    count(path);
    if (field.size() > content.remaining()
        || (field.size() > 0 && field.count() > content.remaining() / field.size())
        || field.count() > Integer.MAX_VALUE) {
      throw new Misfit();
    }
    int size = (int) field.size();
    int elements = (int) field.count();
    ByteBuffer bytes = content.slice(content.position(), size * elements);
    content.position(content.position() + size * elements);
    budget.bytes -= Budget.VALUE_BYTES + path.length();
    if (budget.bytes < 0) {
      throw new Misfit();
    }
    values.add(new FieldValue(path, field.type(), size, elements, bytes));
  }

  /** 05, length, name, version, then its fields. */
  private void subsection(String prefix, StateShape shape) throws Misfit {
    count(prefix);
    byte[] name = shape.name().getBytes(StandardCharsets.UTF_8);
    if (content.remaining() < 2 + name.length + Integer.BYTES
        || content.get() != SectionType.SUBSECTION
        || (content.get() & 0xff) != name.length
        || !content.slice(content.position(), name.length).equals(ByteBuffer.wrap(name))) {
      throw new Misfit();
    }
    content.position(content.position() + name.length + Integer.BYTES);
    state(prefix + shape.name() + ": ", shape);
  }

  private void count(String path) throws Misfit {
    if (budget.left == 0 || path.length() > MAX_PATH) {
      throw new Misfit();
    }
    budget.left--;
  }
}
