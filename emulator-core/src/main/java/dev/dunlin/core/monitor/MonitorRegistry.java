package dev.dunlin.core.monitor;

import com.google.common.collect.ImmutableMap;

/**
 * Commands and events of both monitors. Modules register at start; sessions look up. Loop thread.
 */
public interface MonitorRegistry {

  /**
   * Adds a command of the human monitor; a second one of the same name is an IllegalStateException.
   */
  void addHmp(HmpCommand command);

  /** Adds {@code info NAME}. */
  void addInfo(HmpCommand command);

  /** Adds a command of the machine monitor. */
  void addQmp(QmpCommand command);

  /** Declares an event for the schema. */
  void declareEvent(QmpEvent event);

  /** Sends an event to every QMP session past its handshake; any thread. Data keys in order. */
  void emit(String event, ImmutableMap<String, ?> data);
}
