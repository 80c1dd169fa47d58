package dev.dunlin.launcher;

/** Dunlin's own version, as the build wrote it into the jar. */
final class Version {
  private Version() {}

  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(unpackaged)" : version;
  }
}
