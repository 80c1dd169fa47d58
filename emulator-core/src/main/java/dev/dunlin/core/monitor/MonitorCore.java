package dev.dunlin.core.monitor;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.loop.MainLoop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The commands and events of one emulator's monitors. Modules add to it at start, sessions look
 * commands up and listen for events. Loop thread, but for {@link #emit}.
 */
public final class MonitorCore implements MonitorRegistry {
  private final MainLoop loop;
  private final HmpTable commands = new HmpTable();
  private final HmpTable info = new HmpTable();
  private final Map<String, QmpCommand> qmp = new LinkedHashMap<>();
  private final Map<String, QmpEvent> events = new TreeMap<>();
  private final List<EventSink> sinks = new ArrayList<>();

  public MonitorCore(MainLoop loop) {
    this.loop = loop;
  }

  @Override
  public void addHmp(HmpCommand command) {
    commands.add(command);
  }

  @Override
  public void addInfo(HmpCommand command) {
    info.add(command);
  }

  @Override
  public void addQmp(QmpCommand command) {
    checkState(
        qmp.putIfAbsent(command.name(), command) == null,
        "a second QMP command '%s'",
        command.name());
  }

  @Override
  public void declareEvent(QmpEvent event) {
    checkState(
        events.putIfAbsent(event.name(), event) == null, "a second event '%s'", event.name());
  }

  @Override
  public void emit(String event, ImmutableMap<String, ?> data) {
    long wallMicros = loop.clock().wallMicros();
    if (loop.isLoopThread()) {
      deliver(event, data, wallMicros);
    } else {
      loop.execute(() -> deliver(event, data, wallMicros));
    }
  }

  /** All human commands. */
  public HmpTable commands() {
    return commands;
  }

  /** What follows {@code info}. */
  public HmpTable info() {
    return info;
  }

  public Optional<QmpCommand> qmp(String name) {
    return Optional.ofNullable(qmp.get(name));
  }

  /** All machine commands, in the order in which they were added. */
  public Collection<QmpCommand> qmpCommands() {
    return qmp.values();
  }

  /** All declared events by name. */
  public Collection<QmpEvent> events() {
    return events.values();
  }

  public void addSink(EventSink sink) {
    sinks.add(sink);
  }

  public void removeSink(EventSink sink) {
    sinks.remove(sink);
  }

  private void deliver(String event, ImmutableMap<String, ?> data, long wallMicros) {
    // A copy: a session that can't be written to may leave the list while we walk it.
    for (EventSink sink : ImmutableList.copyOf(sinks)) {
      sink.event(event, data, wallMicros);
    }
  }

  /** Human commands by name and alias. */
  public static final class HmpTable {
    private final TreeMap<String, HmpCommand> sorted = new TreeMap<>();
    private final Map<String, HmpCommand> byAlias = new HashMap<>();

    private void add(HmpCommand command) {
      for (String alias : command.aliases()) {
        checkState(byAlias.putIfAbsent(alias, command) == null, "a second command '%s'", alias);
      }
      sorted.put(command.name(), command);
    }

    /** By name or alias. */
    public Optional<HmpCommand> find(String name) {
      return Optional.ofNullable(byAlias.get(name));
    }

    /** Sorted as help lists them. */
    public ImmutableList<HmpCommand> all() {
      return ImmutableList.copyOf(sorted.values());
    }
  }
}
