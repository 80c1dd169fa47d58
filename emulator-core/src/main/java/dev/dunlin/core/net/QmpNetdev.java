package dev.dunlin.core.net;

import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.KeyValueList.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code netdev_add} in the machine monitor as a list of options: {@code true} is
 * {@code on}, a list of {@code {"str": …}} objects is a repeated option, and an object's members
 * are dotted keys (qapi/net.json).
 */
final class QmpNetdev {
  private QmpNetdev() {}

  static KeyValueList toList(Map<String, Object> arguments) {
    List<Entry> entries = new ArrayList<>();
    arguments.forEach((key, value) -> add(entries, key, value));
    return KeyValueList.of(entries);
  }

  private static @Nullable Object text(@Nullable Object element) {
    return element instanceof Map<?, ?> object ? object.get("str") : element;
  }

  private static void add(List<Entry> entries, String key, @Nullable Object value) {
    if (value instanceof List<?> list) {
      list.forEach(element -> add(entries, key, text(element)));
    } else if (value instanceof Map<?, ?> object) {
      object.forEach((member, each) -> add(entries, key + "." + member, each));
    } else if (value instanceof Boolean on) {
      add(entries, key, on ? "on" : "off");
    } else {
      entries.add(new Entry(key, String.valueOf(value), false));
    }
  }
}
