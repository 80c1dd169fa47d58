package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCall;
import java.util.Optional;
import java.util.OptionalInt;

/** One command under way: from its handler's call to the prompt. Loop thread. */
final class HmpInvocation implements HmpCall, HmpCall.Suspension {
  private final ImmutableMap<String, Object> arguments;
  private final HmpConsole console;
  private final Runnable finished;
  private boolean suspended;
  private boolean over;

  HmpInvocation(ImmutableMap<String, Object> arguments, HmpConsole console, Runnable finished) {
    this.arguments = arguments;
    this.console = console;
    this.finished = finished;
  }

  @Override
  public Optional<String> string(String key) {
    return value(key, String.class);
  }

  @Override
  public Optional<Long> integer(String key) {
    return value(key, Long.class);
  }

  @Override
  public boolean flag(String key) {
    return value(key, Boolean.class).orElse(false);
  }

  @Override
  public void print(String text) {
    if (!over) {
      console.print(text);
    }
  }

  @Override
  public ImmutableList<String> history() {
    return console.history();
  }

  @Override
  public OptionalInt takeReceivedFd() {
    return console.takeReceivedFd();
  }

  @Override
  public Suspension suspend() {
    suspended = true;
    return this;
  }

  @Override
  public void onDisconnect(Runnable action) {
    console.onDisconnect(action);
  }

  @Override
  public void whenWritable(Runnable action) {
    console.whenWritable(action);
  }

  @Override
  public boolean isInteractive() {
    return console.isInteractive();
  }

  @Override
  public boolean isTerminal() {
    return console.isTerminal();
  }

  /** A second call is harmless: a command may be ended by its own end and by a failure. */
  @Override
  public void resume() {
    if (!over) {
      over = true;
      finished.run();
    }
  }

  /** The handler has returned: unless it holds the prompt, the command is over. */
  void handlerReturned() {
    if (!suspended) {
      resume();
    }
  }

  private <T> Optional<T> value(String key, Class<T> type) {
    Object value = arguments.get(key);
    return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
  }
}
