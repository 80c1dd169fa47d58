package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableMap;

/**
 * What version the monitors report: QEMU's numbers, since clients compare them to know which
 * commands there are, and Dunlin's own version as the package.
 *
 * @param dunlin {@code 0.1.0}
 */
record VersionInfo(String dunlin) {
  private static final ImmutableMap<String, Integer> QEMU =
      ImmutableMap.of("major", 7, "minor", 2, "micro", 0);

  String packageName() {
    return "dunlin-" + dunlin;
  }

  /** The answer of query-version, also part of the greeting. */
  ImmutableMap<String, Object> qmp() {
    return ImmutableMap.of("qemu", QEMU, "package", packageName());
  }

  String human() {
    return "7.2.0 (" + packageName() + ")\n";
  }
}
