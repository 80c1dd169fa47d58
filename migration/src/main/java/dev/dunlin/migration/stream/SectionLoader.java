package dev.dunlin.migration.stream;

/** Reads one kind of section: what QEMU's SaveStateEntry is to its loader. */
public interface SectionLoader {

  String idstr();

  int instance();

  /** The newest version it understands. */
  int version();

  /**
   * Reads the content of one START, PART, END or FULL, and nothing after it: the stream doesn't say
   * how long it is.
   */
  void load(StreamInput in, int version) throws LoadException;
}
