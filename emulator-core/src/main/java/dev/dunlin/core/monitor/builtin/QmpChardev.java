package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The {@code backend} of QMP's {@code chardev-add} (ChardevBackend in qapi/char.json) in terms of
 * {@code -chardev}: members of {@code data} by their QAPI names, checked with QEMU's words.
 */
final class QmpChardev {
  static final ImmutableList<Parameter> PARAMETERS =
      ImmutableList.of(
          Parameter.required("id", QmpType.STRING),
          Parameter.required(
              "backend",
              new QmpType.Struct(
                  "ChardevBackend",
                  ImmutableList.of(
                      Parameter.required(
                          "type",
                          new QmpType.EnumOf(
                              "ChardevBackendKind",
                              ImmutableList.of(
                                  "file", "serial", "pipe", "socket", "pty", "null", "stdio",
                                  "ringbuf"))),
                      Parameter.required("data", QmpType.ANY)))));

  /** QAPI member to option key, by backend; an address is apart. */
  private static final ImmutableMap<String, ImmutableMap<String, String>> MEMBERS =
      ImmutableMap.of(
          "file", ImmutableMap.of("out", "path", "append", "append"),
          "pipe", ImmutableMap.of("device", "path"),
          "serial", ImmutableMap.of("device", "path"),
          "pty", ImmutableMap.of(),
          "stdio", ImmutableMap.of("signal", "signal"),
          "ringbuf", ImmutableMap.of("size", "size"),
          "null", ImmutableMap.of(),
          "socket",
              ImmutableMap.of(
                  "server", "server",
                  "wait", "wait",
                  "nodelay", "nodelay",
                  "telnet", "telnet",
                  "reconnect", "reconnect"));

  private static final ImmutableMap<String, String> REQUIRED =
      ImmutableMap.of("file", "out", "pipe", "device", "serial", "device", "socket", "addr");

  private static final ImmutableMap<String, ImmutableSet<String>> ADDRESS_MEMBERS =
      ImmutableMap.of(
          "unix", ImmutableSet.of("path"),
          "inet", ImmutableSet.of("host", "port", "to", "ipv4", "ipv6"),
          "fd", ImmutableSet.of("str"));

  private final Map<String, String> options = new LinkedHashMap<>();

  private QmpChardev() {}

  static ChardevSyntax.Named read(QmpCall call) throws MonitorException, OptionException {
    Map<String, Object> backend = call.object("backend").orElseThrow();
    String type = (String) backend.getOrDefault("type", "");
    QmpChardev reader = new QmpChardev();
    reader.readData(type, object(backend, "data", "backend."));
    if (type.equals("socket")) {
      // Unlike the command line, QMP's default is a server.
      reader.options.putIfAbsent("server", "on");
      if (!reader.options.containsKey("wait") && "on".equals(reader.options.get("server"))) {
        reader.options.put("wait", "off");
      }
    }
    return ChardevSyntax.read(
        call.string("id").orElseThrow(), type, KeyValueList.of(reader.options));
  }

  private void readData(String type, Map<String, Object> data) throws MonitorException {
    String required = REQUIRED.getOrDefault(type, "");
    if (!required.isEmpty() && !data.containsKey(required)) {
      throw new MonitorException("Parameter 'backend.data." + required + "' is missing");
    }
    ImmutableMap<String, String> members = MEMBERS.getOrDefault(type, ImmutableMap.of());
    for (Map.Entry<String, Object> member : data.entrySet()) {
      String key = members.get(member.getKey());
      if (key != null) {
        put(key, member.getValue());
      } else if (type.equals("socket") && member.getKey().equals("addr")) {
        readAddress(object(data, "addr", "backend.data."));
      } else {
        throw new MonitorException(
            "Parameter 'backend.data." + member.getKey() + "' is unexpected");
      }
    }
  }

  private void readAddress(Map<String, Object> address) throws MonitorException {
    String prefix = "backend.data.addr.";
    Object type = address.get("type");
    if (type == null) {
      throw new MonitorException("Parameter '" + prefix + "type' is missing");
    }
    ImmutableSet<String> known = ADDRESS_MEMBERS.get(type.toString());
    if (known == null) {
      throw new MonitorException("Parameter 'type' does not accept value '" + type + "'");
    }
    Map<String, Object> data = object(address, "data", prefix);
    String required = type.equals("unix") ? "path" : type.equals("inet") ? "port" : "str";
    if (!data.containsKey(required)) {
      throw new MonitorException("Parameter '" + prefix + "data." + required + "' is missing");
    }
    for (Map.Entry<String, Object> member : data.entrySet()) {
      if (!known.contains(member.getKey())) {
        throw new MonitorException(
            "Parameter '" + prefix + "data." + member.getKey() + "' is unexpected");
      }
      put(member.getKey().equals("str") ? "fd" : member.getKey(), member.getValue());
    }
  }

  private void put(String key, Object value) {
    options.put(key, value instanceof Boolean flag ? (flag ? "on" : "off") : value.toString());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Map<String, Object> of, String key, String prefix)
      throws MonitorException {
    Object value = of.get(key);
    if (value == null) {
      throw new MonitorException("Parameter '" + prefix + key + "' is missing");
    }
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new MonitorException(
        "Invalid parameter type for '" + prefix + key + "', expected: object");
  }
}
