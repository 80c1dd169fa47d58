package dev.dunlin.migration;

/** How a migration's thread ended. */
sealed interface MigrationOutcome {

  /** The other side has the whole stream. */
  record Success(MigrationProgress progress) implements MigrationOutcome {}

  /** Somebody asked for the end. */
  record Cancelled() implements MigrationOutcome {}

  /** The message is for the user. */
  record Failed(String message) implements MigrationOutcome {}
}
