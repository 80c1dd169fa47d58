package dev.dunlin.core.monitor.qmp;

import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCall;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** One command under way: from its handler's call to its one answer. Loop thread. */
final class QmpInvocation implements QmpCall, QmpCall.Deferred {
  private final Map<String, Object> arguments;
  private final Supplier<OptionalInt> receivedFds;
  private final Answer answer;
  private boolean answered;

  /** Takes the answer. */
  interface Answer {
    void returns(Object value);

    void fails(MonitorException error);
  }

  QmpInvocation(Map<String, Object> arguments, Supplier<OptionalInt> receivedFds, Answer answer) {
    this.arguments = arguments;
    this.receivedFds = receivedFds;
    this.answer = answer;
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
  public Optional<Double> number(String key) {
    return value(key, Number.class).map(Number::doubleValue);
  }

  @Override
  public Optional<Boolean> bool(String key) {
    return value(key, Boolean.class);
  }

  @Override
  @SuppressWarnings("unchecked")
  public Optional<List<Object>> list(String key) {
    return value(key, List.class).map(list -> (List<Object>) list);
  }

  @Override
  @SuppressWarnings("unchecked")
  public Optional<Map<String, Object>> object(String key) {
    return value(key, Map.class).map(map -> (Map<String, Object>) map);
  }

  @Override
  public Map<String, Object> arguments() {
    return arguments;
  }

  @Override
  public OptionalInt takeReceivedFd() {
    return receivedFds.get();
  }

  @Override
  public Deferred defer() {
    return this;
  }

  @Override
  public void complete(Object value) {
    if (!answered) {
      answered = true;
      answer.returns(value);
    }
  }

  @Override
  public void fail(MonitorException error) {
    if (!answered) {
      answered = true;
      answer.fails(error);
    }
  }

  private <T> Optional<T> value(String key, Class<T> type) {
    Object value = arguments.get(key);
    return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
  }
}
