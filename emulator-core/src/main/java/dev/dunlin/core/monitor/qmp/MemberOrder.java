package dev.dunlin.core.monitor.qmp;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The order in which QEMU 7.2 writes an object's members: that of its hash table's buckets
 * (qobject/qdict.c), the later of two in one bucket first. JSON gives order no meaning, but shell
 * scripts that look for {@code "status": "running", "singlestep"} do.
 */
final class MemberOrder {
  private static final int BUCKETS = 512;

  private MemberOrder() {}

  static <V> ImmutableList<Map.Entry<String, V>> of(Map<String, V> members) {
    List<Map.Entry<String, V>> entries = new ArrayList<>(members.entrySet());
    Collections.reverse(entries);
    entries.sort(Comparator.comparingInt(entry -> bucket(entry.getKey())));
    return ImmutableList.copyOf(entries);
  }

  /** Each byte shifted by 0, 5, 10, 15, 20, 1, 6 … bits and summed up, then scrambled. */
  static int bucket(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int sum = 0x238F13AF * bytes.length;
    for (int i = 0; i < bytes.length; i++) {
      sum += (bytes[i] & 0xff) << (i * 5 % 24);
    }
    return Integer.remainderUnsigned(1103515243 * sum + 12345, BUCKETS);
  }
}
