package dev.dunlin.core.monitor;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One invocation of a machine command; argument types are already checked against the schema. Loop
 * thread.
 */
public interface QmpCall {

  Optional<String> string(String key);

  Optional<Long> integer(String key);

  Optional<Double> number(String key);

  Optional<Boolean> bool(String key);

  /** A list argument as parsed JSON. */
  Optional<List<Object>> list(String key);

  /** An object argument as parsed JSON. */
  Optional<Map<String, Object>> object(String key);

  /** All arguments as parsed JSON, in the order given. */
  Map<String, Object> arguments();

  /** The next descriptor received with this session's input by SCM_RIGHTS, owned by the caller. */
  OptionalInt takeReceivedFd();

  /**
   * The answer comes later: the handler returns this object, and calls {@link Deferred#complete} on
   * the loop thread.
   */
  Deferred defer();

  /** An answer to come. */
  interface Deferred {
    void complete(Object answer);

    void fail(MonitorException error);
  }
}
