package dev.dunlin.migration.hostile;

/** Where Jazzer comes in, in a process of its own: the target's name, and then bytes for ever. */
public final class FuzzEntry {
  private static StreamTarget.Taker target = bytes -> false;

  private FuzzEntry() {}

  /** Called once, with what {@code --target_args} says. */
  public static void fuzzerInitialize(String[] arguments) {
    target = StreamTarget.valueOf(arguments[0]).opened();
  }

  public static void fuzzerTestOneInput(byte[] bytes) throws Exception {
    var unused = target.take(bytes);
  }
}
