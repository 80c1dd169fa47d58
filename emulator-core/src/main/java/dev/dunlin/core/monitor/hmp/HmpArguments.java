package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Sizes;
import dev.dunlin.core.monitor.HmpCommand;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the arguments of one command by its grammar, as monitor_parse_arguments in monitor/hmp.c
 * does, with the same words for what is wrong. Loop thread.
 */
final class HmpArguments {
  private final HmpCommand command;
  private final HmpText text;
  private final FormatDefaults formats;
  private final ImmutableList<ArgumentSpec> specs;
  private final Map<String, Object> values = new LinkedHashMap<>();

  private HmpArguments(HmpCommand command, HmpText text, FormatDefaults formats) {
    this.command = command;
    this.text = text;
    this.formats = formats;
    this.specs = ArgumentSpec.parse(command.argsType());
  }

  /** The values by key: String, Long or Boolean. */
  static ImmutableMap<String, Object> parse(
      HmpCommand command, HmpText text, FormatDefaults formats) throws HmpSyntaxException {
    HmpArguments arguments = new HmpArguments(command, text, formats);
    arguments.readAll();
    return ImmutableMap.copyOf(arguments.values);
  }

  private void readAll() throws HmpSyntaxException {
    for (int i = 0; i < specs.size(); i++) {
      read(specs.get(i), i);
    }
    if (!text.skipBlanks().atEnd()) {
      throw ofCommand("extraneous characters at the end of line");
    }
  }

  private void read(ArgumentSpec spec, int index) throws HmpSyntaxException {
    switch (spec.type()) {
      case '-' -> readOption(spec, index);
      case '/' -> readFormat();
      case 'F' -> readString(spec, "filename expected");
      case 'B' -> readString(spec, "block device name expected");
      case 's', 'O' -> readString(spec, "string expected");
      case 'S' -> readRest(spec);
      case 'i', 'l', 'M' -> readInteger(spec);
      case 'o' -> readSize(spec);
      case 'T' -> readDuration(spec);
      case 'b' -> readSwitch(spec);
      default -> throw ofCommand("unknown type '" + spec.type() + "'");
    }
  }

  private void readString(ArgumentSpec spec, String complaint) throws HmpSyntaxException {
    if (isLeftOut(spec)) {
      return;
    }
    try {
      values.put(spec.key(), text.takeString());
    } catch (HmpSyntaxException missingOrBroken) {
      // QEMU tells which of the two on its own stdout, not on the monitor.
      throw ofCommand(complaint);
    }
  }

  private void readRest(ArgumentSpec spec) throws HmpSyntaxException {
    if (isLeftOut(spec)) {
      return;
    }
    if (text.atEnd()) {
      throw ofCommand("string expected");
    }
    values.put(spec.key(), text.takeRest());
  }

  private void readInteger(ArgumentSpec spec) throws HmpSyntaxException {
    if (isLeftOut(spec)) {
      return;
    }
    if (spec.has('.')) {
      if (!text.takeIf('.')) {
        return;
      }
      text.skipBlanks();
    }
    long value = Expression.read(text);
    if (spec.type() == 'i' && value >>> 32 != 0) {
      throw new HmpSyntaxException(
          "'" + command.name() + "' has failed: integer is for 32-bit values");
    }
    if (spec.type() == 'M' && value < 0) {
      throw new HmpSyntaxException("enter a positive value");
    }
    values.put(spec.key(), spec.type() == 'M' ? value << 20 : value);
  }

  private void readSize(ArgumentSpec spec) throws HmpSyntaxException {
    if (isLeftOut(spec)) {
      return;
    }
    if (Sizes.parse(text.takeWord(), 'M') instanceof NumberText.Value size && size.bits() >= 0) {
      values.put(spec.key(), size.bits());
    } else {
      throw new HmpSyntaxException("invalid size");
    }
  }

  /** Seconds, or {@code ms us ns}; kept as nanoseconds. */
  private void readDuration(ArgumentSpec spec) throws HmpSyntaxException {
    if (isLeftOut(spec)) {
      return;
    }
    values.put(spec.key(), Durations.nanos(text.takeWord()));
  }

  private void readSwitch(ArgumentSpec spec) throws HmpSyntaxException {
    if (isLeftOut(spec)) {
      return;
    }
    String word = text.takeWord();
    if (!word.equals("on") && !word.equals("off")) {
      throw new HmpSyntaxException("Expected 'on' or 'off'");
    }
    values.put(spec.key(), word.equals("on"));
  }

  private void readFormat() throws HmpSyntaxException {
    FormatDefaults.Format format = formats.read(text);
    values.put("count", (long) format.count());
    values.put("format", (long) format.format());
    values.put("size", (long) format.size());
  }

  /** Options come in the grammar's order; one that belongs to a later item is left for it. */
  private void readOption(ArgumentSpec spec, int index) throws HmpSyntaxException {
    int start = text.skipBlanks().position();
    if (!text.takeIf('-')) {
      return;
    }
    char letter = text.peek();
    if (letter != spec.option()) {
      if (!isLaterOption(letter, index)) {
        String shown = text.atEnd() ? "" : String.valueOf(letter);
        throw ofCommand("unsupported option -" + shown);
      }
      text.goTo(start);
      return;
    }
    text.take();
    values.put(spec.key(), spec.has('s') ? optionValue(letter) : Boolean.TRUE);
  }

  private String optionValue(char letter) throws HmpSyntaxException {
    try {
      return text.takeString();
    } catch (HmpSyntaxException missingOrBroken) {
      throw ofCommand("value expected for -" + letter);
    }
  }

  private boolean isLaterOption(char letter, int index) {
    return specs.subList(index + 1, specs.size()).stream()
        .anyMatch(later -> later.isOption() && (later.option() == letter || text.atEnd()));
  }

  private boolean isLeftOut(ArgumentSpec spec) {
    text.skipBlanks();
    return spec.has('?') && text.atEnd();
  }

  private HmpSyntaxException ofCommand(String complaint) {
    return new HmpSyntaxException(command.name() + ": " + complaint);
  }
}
