package dev.dunlin.core.cli;

import java.util.regex.Pattern;

/** The names that QEMU takes for ids and for keys (util/id.c, util/keyval.c). */
public final class Identifiers {
  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");

  private Identifiers() {}

  public static boolean isWellFormed(String id) {
    return ID.matcher(id).matches();
  }

  /** Refuses an id that is not well formed, with QEMU's words. */
  public static void check(String parameter, String id) throws OptionException {
    if (!isWellFormed(id)) {
      throw new OptionException(
          "Parameter '"
              + parameter
              + "' expects an identifier\n"
              + "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
    }
  }

  static boolean isKey(String key) {
    return KEY.matcher(key).matches();
  }
}
