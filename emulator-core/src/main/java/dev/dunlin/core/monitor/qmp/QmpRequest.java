package dev.dunlin.core.monitor.qmp;

import dev.dunlin.core.monitor.MonitorException;
import java.util.Map;
import java.util.Optional;

/**
 * A request as far as it can be understood.
 *
 * @param command empty when something is wrong with the request itself
 */
record QmpRequest(String command, Map<String, Object> arguments) {

  /** What an answer must repeat, also an answer to a request that is otherwise wrong. */
  static Optional<Object> id(Object value) {
    return value instanceof Map<?, ?> map ? Optional.ofNullable(map.get("id")) : Optional.empty();
  }

  /** Reads the members of a request (qmp_dispatch_check_obj in qapi/qmp-dispatch.c). */
  @SuppressWarnings("unchecked")
  static QmpRequest read(Object value) throws MonitorException {
    if (!(value instanceof Map<?, ?> map)) {
      throw new MonitorException("QMP input must be a JSON object");
    }
    String command = null;
    Map<String, Object> arguments = Map.of();
    for (Map.Entry<String, Object> member : MemberOrder.of((Map<String, Object>) map)) {
      switch (member.getKey()) {
        case "execute" -> command = string(member);
        case "arguments" -> arguments = object(member);
        case "id" -> {}
        default ->
            throw new MonitorException("QMP input member '" + member.getKey() + "' is unexpected");
      }
    }
    if (command == null) {
      throw new MonitorException("QMP input lacks member 'execute'");
    }
    return new QmpRequest(command, arguments);
  }

  private static String string(Map.Entry<String, Object> member) throws MonitorException {
    if (member.getValue() instanceof String text) {
      return text;
    }
    throw new MonitorException("QMP input member '" + member.getKey() + "' must be a string");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Map.Entry<String, Object> member)
      throws MonitorException {
    if (member.getValue() instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new MonitorException("QMP input member '" + member.getKey() + "' must be an object");
  }
}
