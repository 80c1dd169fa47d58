package dev.dunlin.core.monitor.qmp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Checks arguments against a command's schema, in the order and with the words of
 * qapi/qobject-input-visitor.c: members as declared, then those that nobody declared.
 */
final class ArgumentCheck {
  private ArgumentCheck() {}

  /** The arguments; integers from 2^63 on as the Long with the same bits. */
  static Map<String, Object> check(ImmutableList<Parameter> parameters, Map<String, Object> given)
      throws MonitorException {
    return members(parameters, given, "");
  }

  private static Map<String, Object> members(
      ImmutableList<Parameter> declared, Map<String, Object> given, String prefix)
      throws MonitorException {
    Map<String, Object> checked = new LinkedHashMap<>(given);
    for (Parameter parameter : declared) {
      String path = prefix + parameter.name();
      Object value = given.get(parameter.name());
      if (value != null) {
        checked.put(parameter.name(), value(parameter.type(), value, path, parameter.name()));
      } else if (!parameter.optional()) {
        throw new MonitorException("Parameter '" + path + "' is missing");
      }
    }
    for (Map.Entry<String, Object> entry : MemberOrder.of(given)) {
      if (declared.stream().noneMatch(parameter -> parameter.name().equals(entry.getKey()))) {
        throw new MonitorException("Parameter '" + prefix + entry.getKey() + "' is unexpected");
      }
    }
    return checked;
  }

  @SuppressWarnings("unchecked")
  private static Object value(QmpType type, Object value, String path, String name)
      throws MonitorException {
    if (type instanceof QmpType.Builtin builtin) {
      return scalar(builtin, value, path);
    }
    if (type instanceof QmpType.EnumOf values) {
      return member(values, value, path, name);
    }
    if (type instanceof QmpType.ListOf list) {
      if (!(value instanceof List<?> elements)) {
        throw wrongType(path, "array");
      }
      return elements(list.element(), (List<Object>) elements, path, name);
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw wrongType(path, "object");
    }
    return members(((QmpType.Struct) type).members(), (Map<String, Object>) map, path + ".");
  }

  private static Object scalar(QmpType.Builtin type, Object value, String path)
      throws MonitorException {
    return switch (type) {
      case STR -> expect(value, value instanceof String, path, "string");
      case BOOL -> expect(value, value instanceof Boolean, path, "boolean");
      case NUMBER -> expect(value, value instanceof Number, path, "number");
      case INT ->
          value instanceof BigInteger large
              ? large.longValue()
              : expect(value, value instanceof Long, path, "integer");
      case ANY -> value;
    };
  }

  private static Object member(QmpType.EnumOf type, Object value, String path, String name)
      throws MonitorException {
    expect(value, value instanceof String, path, "string");
    if (!type.values().contains(value)) {
      throw new MonitorException("Parameter '" + name + "' does not accept value '" + value + "'");
    }
    return value;
  }

  private static List<Object> elements(
      QmpType type, List<Object> elements, String path, String name) throws MonitorException {
    ImmutableList.Builder<Object> checked = ImmutableList.builder();
    for (int i : IntStream.range(0, elements.size()).toArray()) {
      checked.add(value(type, elements.get(i), path + "[" + i + "]", name));
    }
    return checked.build();
  }

  private static Object expect(Object value, boolean right, String path, String expected)
      throws MonitorException {
    if (!right) {
      throw wrongType(path, expected);
    }
    return value;
  }

  private static MonitorException wrongType(String path, String expected) {
    return new MonitorException("Invalid parameter type for '" + path + "', expected: " + expected);
  }
}
