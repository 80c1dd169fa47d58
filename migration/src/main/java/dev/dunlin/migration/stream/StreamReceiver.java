package dev.dunlin.migration.stream;

import java.util.Optional;

/**
 * Whom a {@link SavevmReader} reads for: what it expects of the stream, and where content goes.
 * Called on the reader's thread, in the stream's order.
 */
public interface StreamReceiver {

  /** The form that the stream must have; empty when any is taken as it is found. */
  Optional<StreamDialect> expected();

  /** The CONFIGURATION section; refuses a stream that doesn't belong here. */
  void configuration(Configuration configuration) throws LoadException;

  /** Who reads the content of such a section; empty: nobody knows it. */
  Optional<SectionLoader> loader(String idstr, int instance);

  /**
   * Whether {@link #devices} takes all FULL sections; otherwise each needs a {@link #loader}. Both
   * is possible for sections that come before the first FULL one.
   */
  default boolean takesDevices() {
    return false;
  }

  /** All device sections at once: only at the stream's end is it known how long they are. */
  default void devices(DeviceSections devices) throws LoadException {}

  /** A live section's header was read, or that of a PART or END; its content follows. */
  default void begins(SectionHeader section, long position) {}

  /** A section's content and footer were read. */
  default void ends(SectionHeader section, long position) {}

  /** Whether such a command may come; they belong to postcopy and to return paths. */
  default boolean takesCommand(int command) {
    return false;
  }

  default void command(int command, byte[] data) throws LoadException {}

  /** Something worth a word that fails nothing. */
  default void warn(String line) {}
}
