package dev.dunlin.core.cli;

/** Booleans in the spellings of qapi_bool_parse (qapi/qapi-util.c). */
public final class Booleans {
  private Booleans() {}

  /** The value of a boolean suboption, with QEMU's words when it isn't one. */
  public static boolean parameter(String name, String text) throws OptionException {
    return switch (text) {
      case "on", "yes", "true", "y" -> true;
      case "off", "no", "false", "n" -> false;
      default -> throw new OptionException("Parameter '" + name + "' expects 'on' or 'off'");
    };
  }
}
