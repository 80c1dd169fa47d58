package dev.dunlin.launcher;

import java.io.PrintStream;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.message.MessageFactory;
import org.apache.logging.log4j.spi.ExtendedLogger;
import org.apache.logging.log4j.spi.LoggerContext;
import org.apache.logging.log4j.spi.LoggerContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * Log4j's back end as long as nobody asks for more: warnings on stderr, one plain line each, as the
 * program's own messages are. Starting log4j-core would take a third of the time to the prompt;
 * {@code -Ddunlin.log=LEVEL} starts it, with log4j2.properties.
 */
public final class PlainLogging implements LoggerContextFactory {
  /** log4j-api's name for the property that chooses a back end. */
  private static final String FACTORY = "log4j2.loggerContextFactory";

  private static final String LEVEL = "dunlin.log";

  private final Context context = new Context(System.err);

  /** Before the first logger is asked for. */
  public static void install() {
    if (System.getProperty(LEVEL) == null && System.getProperty(FACTORY) == null) {
      System.setProperty(FACTORY, PlainLogging.class.getName());
    }
  }

  @Override
  public LoggerContext getContext(
      String fqcn,
      @Nullable ClassLoader loader,
      @Nullable Object externalContext,
      boolean currentContext) {
    return context;
  }

  @Override
  public LoggerContext getContext(
      String fqcn,
      @Nullable ClassLoader loader,
      @Nullable Object externalContext,
      boolean currentContext,
      @Nullable URI configuration,
      @Nullable String name) {
    return context;
  }

  @Override
  public void removeContext(LoggerContext removed) {}

  /** All loggers, by name. */
  static final class Context implements LoggerContext {
    private final Map<String, ExtendedLogger> loggers = new ConcurrentHashMap<>();
    private final PrintStream out;

    Context(PrintStream out) {
      this.out = out;
    }

    @Override
    public Object getExternalContext() {
      return this;
    }

    @Override
    public ExtendedLogger getLogger(String name) {
      return loggers.computeIfAbsent(name, absent -> new PlainLogger(absent, out));
    }

    @Override
    public ExtendedLogger getLogger(String name, @Nullable MessageFactory messages) {
      return getLogger(name);
    }

    @Override
    public boolean hasLogger(String name) {
      return loggers.containsKey(name);
    }

    @Override
    public boolean hasLogger(String name, @Nullable MessageFactory messages) {
      return hasLogger(name);
    }

    @Override
    public boolean hasLogger(String name, @Nullable Class<? extends MessageFactory> messages) {
      return hasLogger(name);
    }
  }
}
