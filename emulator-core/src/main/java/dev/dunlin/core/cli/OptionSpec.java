package dev.dunlin.core.cli;

/**
 * One command-line option as QEMU's {@code qemu-options.def} has it: a name without the dash,
 * whether an argument follows, and the help line. Options are collected in order; what they mean is
 * read later by whoever contributed them.
 *
 * @param name {@code net}, given as {@code -net} or {@code --net}
 * @param argument the argument's placeholder for help, empty for a bare flag
 */
public record OptionSpec(String name, String argument, String help) {
  public boolean takesArgument() {
    return !argument.isEmpty();
  }

  public static OptionSpec flag(String name, String help) {
    return new OptionSpec(name, "", help);
  }
}
