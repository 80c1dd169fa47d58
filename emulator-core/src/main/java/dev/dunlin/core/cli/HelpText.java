package dev.dunlin.core.cli;

/** What {@code -help} prints, made from the table so that it lists what there is. */
public final class HelpText {
  private static final int COLUMN = 16;

  private HelpText() {}

  public static String of(String program, OptionTable table) {
    StringBuilder text = new StringBuilder();
    text.append("usage: ").append(program).append(" [options]\n\n");
    text.append("An option may be given with one dash or two.\n\n");
    for (OptionSpec spec : table.specs()) {
      append(text, spec);
    }
    return text.toString();
  }

  private static void append(StringBuilder text, OptionSpec spec) {
    String head = "-" + spec.name() + (spec.takesArgument() ? " " + spec.argument() : "");
    text.append(head);
    boolean fits = head.length() < COLUMN - 1;
    text.append(fits ? " ".repeat(COLUMN - head.length()) : "\n" + " ".repeat(COLUMN));
    text.append(spec.help().replace("\n", "\n" + " ".repeat(COLUMN))).append('\n');
  }
}
