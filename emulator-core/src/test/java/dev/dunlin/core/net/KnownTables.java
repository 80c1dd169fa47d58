package dev.dunlin.core.net;

/** Where the tables of this package's resources are found from other packages. */
public final class KnownTables {
  private KnownTables() {}
}
