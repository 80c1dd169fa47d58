package dev.dunlin.core.monitor.qmp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.JsonNull;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpEvent;
import dev.dunlin.core.monitor.QmpType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer of {@code query-qmp-schema} (qapi/introspect.json), made from what is registered.
 * Types other than the built-in ones have numbers for names, as in QEMU: nobody shall rely on them.
 */
public final class QmpSchema {
  private final List<Object> entities = new ArrayList<>();
  private final Map<QmpType, String> names = new HashMap<>();
  private int numbered;

  private QmpSchema() {}

  /** One entity a command, event and type. */
  public static List<Object> of(MonitorCore registry) {
    QmpSchema schema = new QmpSchema();
    // The empty object is type 0, whoever uses it first.
    schema.name(QmpType.EMPTY);
    registry.qmpCommands().forEach(schema::addCommand);
    registry.events().forEach(schema::addEvent);
    return schema.entities;
  }

  private void addCommand(QmpCommand command) {
    entities.add(
        ImmutableMap.of(
            "name", command.name(),
            "meta-type", "command",
            "arg-type", name(arguments(command.name() + "-arg", command.parameters())),
            "ret-type", name(command.returns())));
  }

  private void addEvent(QmpEvent event) {
    entities.add(
        ImmutableMap.of(
            "name", event.name(),
            "meta-type", "event",
            "arg-type", name(arguments(event.name() + "-arg", event.data()))));
  }

  private static QmpType arguments(String name, ImmutableList<Parameter> members) {
    return members.isEmpty() ? QmpType.EMPTY : new QmpType.Struct(name, members);
  }

  /** The type's name; its entity is added when it is first asked for. */
  private String name(QmpType type) {
    String known = names.get(type);
    return known != null ? known : add(type);
  }

  private String add(QmpType type) {
    if (type instanceof QmpType.Builtin builtin) {
      return addBuiltin(builtin);
    }
    if (type instanceof QmpType.ListOf list) {
      String element = name(list.element());
      String name = "[" + element + "]";
      return put(type, name, "array", ImmutableMap.of("element-type", element));
    }
    String name = String.valueOf(numbered++);
    names.put(type, name);
    if (type instanceof QmpType.EnumOf values) {
      return put(type, name, "enum", enumMembers(values));
    }
    QmpType.Struct struct = (QmpType.Struct) type;
    ImmutableList<Object> members =
        struct.members().stream().map(this::member).collect(ImmutableList.toImmutableList());
    return put(type, name, "object", ImmutableMap.of("members", members));
  }

  private String addBuiltin(QmpType.Builtin type) {
    return switch (type) {
      case STR -> put(type, "str", "builtin", ImmutableMap.of("json-type", "string"));
      case INT -> put(type, "int", "builtin", ImmutableMap.of("json-type", "int"));
      case NUMBER -> put(type, "number", "builtin", ImmutableMap.of("json-type", "number"));
      case BOOL -> put(type, "bool", "builtin", ImmutableMap.of("json-type", "boolean"));
      case ANY -> put(type, "any", "builtin", ImmutableMap.of("json-type", "value"));
    };
  }

  private static ImmutableMap<String, Object> enumMembers(QmpType.EnumOf type) {
    ImmutableList<Object> members =
        type.values().stream()
            .map(value -> ImmutableMap.of("name", value))
            .collect(ImmutableList.toImmutableList());
    return ImmutableMap.of("members", members, "values", type.values());
  }

  /** An optional member is marked by a default, which is null for want of a better one. */
  private Object member(Parameter parameter) {
    ImmutableMap.Builder<String, Object> member = ImmutableMap.builder();
    member.put("name", parameter.name()).put("type", name(parameter.type()));
    if (parameter.optional()) {
      member.put("default", JsonNull.NULL);
    }
    return member.buildOrThrow();
  }

  private String put(QmpType type, String name, String metaType, ImmutableMap<String, ?> details) {
    names.put(type, name);
    entities.add(
        ImmutableMap.builder()
            .put("name", name)
            .put("meta-type", metaType)
            .putAll(details)
            .buildOrThrow());
    return name;
  }
}
