package dev.dunlin.core.monitor.hmp;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;

/**
 * One item of a command's argument grammar: {@code uri:s}, {@code name:S?}, {@code detach:-d},
 * {@code format:-fs}.
 *
 * @param key under which the command finds it
 * @param type QEMU's letter; {@code -} for an option
 * @param option the option's letter, NUL for a positional argument
 * @param modifiers what follows: {@code ?} optional, {@code .} after a dot, {@code s} an option
 *     with a value
 */
record ArgumentSpec(String key, char type, char option, String modifiers) {

  /** Reads a whole grammar: {@code detach:-d,blk:-b,inc:-i,uri:s}. */
  static ImmutableList<ArgumentSpec> parse(String argsType) {
    return Splitter.on(',')
        .omitEmptyStrings()
        .splitToStream(argsType)
        .map(ArgumentSpec::parseOne)
        .collect(ImmutableList.toImmutableList());
  }

  private static ArgumentSpec parseOne(String item) {
    int colon = item.indexOf(':');
    if (colon < 1 || colon + 1 == item.length()) {
      throw new IllegalStateException("argument grammar: " + item);
    }
    String key = item.substring(0, colon);
    char type = item.charAt(colon + 1);
    if (type != '-') {
      return new ArgumentSpec(key, type, '\0', item.substring(colon + 2));
    }
    if (colon + 2 == item.length()) {
      throw new IllegalStateException("argument grammar: " + item);
    }
    return new ArgumentSpec(key, type, item.charAt(colon + 2), item.substring(colon + 3));
  }

  boolean isOption() {
    return type == '-';
  }

  boolean has(char modifier) {
    return modifiers.indexOf(modifier) >= 0;
  }
}
