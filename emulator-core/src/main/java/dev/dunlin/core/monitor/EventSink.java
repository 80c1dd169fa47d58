package dev.dunlin.core.monitor;

import com.google.common.collect.ImmutableMap;

/** A session that hears events. Loop thread. */
@FunctionalInterface
public interface EventSink {

  /**
   * @param wallMicros when it happened, in microseconds since the Unix epoch
   */
  void event(String name, ImmutableMap<String, ?> data, long wallMicros);
}
