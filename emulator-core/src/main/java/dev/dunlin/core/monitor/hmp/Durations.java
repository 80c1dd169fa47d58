package dev.dunlin.core.monitor.hmp;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as HMP's type T has them: a decimal number of seconds, or of ms, us, ns. */
final class Durations {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  private Durations() {}

  static long nanos(String text) throws HmpSyntaxException {
    Matcher number = NUMBER.matcher(text);
    if (!number.lookingAt()) {
      throw new HmpSyntaxException("Number expected");
    }
    double nanosPerUnit =
        switch (text.substring(number.end())) {
          case "" -> 1e9;
          case "ms" -> 1e6;
          case "us" -> 1e3;
          case "ns" -> 1;
          default -> throw new HmpSyntaxException("Unknown unit suffix");
        };
    return Math.round(Double.parseDouble(number.group()) * nanosPerUnit);
  }
}
