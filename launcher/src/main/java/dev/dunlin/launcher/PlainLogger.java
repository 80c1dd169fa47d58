package dev.dunlin.launcher;

import java.io.PrintStream;
import java.util.Locale;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Marker;
import org.apache.logging.log4j.message.Message;
import org.apache.logging.log4j.spi.AbstractLogger;
import org.jspecify.annotations.Nullable;

/**
 * Prints warnings and worse: {@code dunlin: warning: MESSAGE}, then the stack if there is one. Its
 * many methods are what AbstractLogger leaves open; all ask the same question.
 */
final class PlainLogger extends AbstractLogger {
  private static final long serialVersionUID = 1;

  private final transient PrintStream out;

  PlainLogger(String name, PrintStream out) {
    super(name);
    this.out = out;
  }

  private static boolean isShown(Level level) {
    return level.isMoreSpecificThan(Level.WARN);
  }

  @Override
  public void logMessage(
      String fqcn,
      Level level,
      @Nullable Marker marker,
      Message message,
      @Nullable Throwable thrown) {
    String word = level.equals(Level.WARN) ? "warning" : level.name().toLowerCase(Locale.ROOT);
    out.println("dunlin: " + word + ": " + message.getFormattedMessage());
    if (thrown != null) {
      thrown.printStackTrace(out);
    }
  }

  @Override
  public Level getLevel() {
    return Level.WARN;
  }

  @Override
  public boolean isEnabled(
      Level level, @Nullable Marker marker, @Nullable Message message, @Nullable Throwable thrown) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable CharSequence message,
      @Nullable Throwable thrown) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level, @Nullable Marker marker, @Nullable Object message, @Nullable Throwable thrown) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level, @Nullable Marker marker, @Nullable String message, @Nullable Throwable thrown) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(Level level, @Nullable Marker marker, @Nullable String message) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object @Nullable ... parameters) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level, @Nullable Marker marker, @Nullable String message, @Nullable Object p0) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2,
      @Nullable Object p3) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2,
      @Nullable Object p3,
      @Nullable Object p4) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2,
      @Nullable Object p3,
      @Nullable Object p4,
      @Nullable Object p5) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2,
      @Nullable Object p3,
      @Nullable Object p4,
      @Nullable Object p5,
      @Nullable Object p6) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2,
      @Nullable Object p3,
      @Nullable Object p4,
      @Nullable Object p5,
      @Nullable Object p6,
      @Nullable Object p7) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2,
      @Nullable Object p3,
      @Nullable Object p4,
      @Nullable Object p5,
      @Nullable Object p6,
      @Nullable Object p7,
      @Nullable Object p8) {
    return isShown(level);
  }

  @Override
  public boolean isEnabled(
      Level level,
      @Nullable Marker marker,
      @Nullable String message,
      @Nullable Object p0,
      @Nullable Object p1,
      @Nullable Object p2,
      @Nullable Object p3,
      @Nullable Object p4,
      @Nullable Object p5,
      @Nullable Object p6,
      @Nullable Object p7,
      @Nullable Object p8,
      @Nullable Object p9) {
    return isShown(level);
  }
}
