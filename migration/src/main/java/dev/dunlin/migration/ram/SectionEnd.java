package dev.dunlin.migration.ram;

import dev.dunlin.migration.stream.LoadException;

/** What has to have happened before a loader goes on after the end of a RAM section. */
@FunctionalInterface
public interface SectionEnd {

  /** Waits for it; throws when it will never happen. */
  void reached() throws LoadException;
}
