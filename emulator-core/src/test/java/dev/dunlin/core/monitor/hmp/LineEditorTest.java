package dev.dunlin.core.monitor.hmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys that QEMU doesn't know, and the shape of completion tables; the rest is held against it. */
final class LineEditorTest {
  /** Types keys; commands are completed from a few names. */
  private static final class Typist implements LineEditor.Listener {
    private final StringBuilder screen = new StringBuilder();
    private final List<String> lines = new ArrayList<>();
    private int refused;
    private final LineEditor editor;

    Typist(String... names) {
      ImmutableList<String> known = ImmutableList.copyOf(names);
      editor = new LineEditor(this, word -> Completion.of(word, known));
    }

    List<String> type(String keys) {
      for (byte b : keys.getBytes(StandardCharsets.UTF_8)) {
        editor.feed(b);
      }
      return lines;
    }

    @Override
    public void echo(String text) {
      screen.append(text);
    }

    @Override
    public void entered(String line) {
      lines.add(line);
      editor.prompt();
    }

    @Override
    public void tooLong() {
      refused++;
    }
  }

  @Test
  void emacs_keys_kill_and_move() {
    assertEquals(List.of("cd"), new Typist().type("ab\025cd\r"));
    assertEquals(List.of("ab"), new Typist().type("abcd\002\002\013\r"));
    assertEquals(List.of("aXb"), new Typist().type("ab\002X\r"));
    assertEquals(List.of("one ", "two"), new Typist().type("one two\027\rtwo three\027\027two\r"));
  }

  @Test
  void history_walks_with_control_keys_and_application_cursor_keys() {
    assertEquals(
        List.of("a", "b", "a", "b", "a"),
        new Typist().type("a\rb\r\020\020\r\020\020\r\033OA\033OA\033OA\033OB\033OA\r"));
  }

  @Test
  void a_line_is_remembered_once_and_sixty_four_are() {
    Typist typist = new Typist();
    for (int i = 0; i < 70; i++) {
      typist.type("l" + i + "\r");
    }
    typist.type("l40\r");
    List<String> history = typist.editor.history().lines();
    assertEquals(64, history.size());
    assertEquals("l40", history.get(63));
    assertEquals("l6", history.get(0));
  }

  @Test
  void characters_outside_ascii_are_whole() {
    String text = "\u00e9\u011b\u20ac\ud83e\udd21";
    assertEquals(List.of(text), new Typist().type(text + "\r"));
    assertEquals(List.of("\u00e9\u011b"), new Typist().type(text + "\177\177\r"));
    assertEquals(List.of("\u00e9\u20ac\ud83e\udd21"), new Typist().type(text + "\001\033[C\004\r"));
  }

  @Test
  void broken_utf8_is_replaced_and_swallows_nothing_after_it() {
    Typist typist = new Typist();
    for (int b : new int[] {0xe2, 0x82, 'a', 0xff, 'b', 0x9b, 'c', 0xc3, '\r'}) {
      typist.editor.feed((byte) b);
    }
    assertEquals(List.of("a\ufffdb\ufffdc"), typist.lines);
  }

  @Test
  void a_line_beyond_the_bound_is_refused_and_the_next_one_is_not() {
    Typist typist = new Typist();
    typist.type("x".repeat(4096) + "\r");
    assertEquals(1, typist.refused);
    assertEquals(List.of("y".repeat(4095)), typist.type("y".repeat(4095) + "\r"));
  }

  @Test
  void the_common_part_is_completed_before_the_table_is_shown() {
    Typist typist = new Typist("stats", "status", "stop");
    typist.type("sta\t");
    assertTrue(typist.screen.toString().endsWith("(qemu) stat\033[K"), typist.screen.toString());
    assertTrue(typist.screen.toString().contains("\nstats     status    \n"));
    assertEquals(List.of("stop "), typist.type("\025sto\t\r"));
  }

  /** What QEMU 7.2 prints for {@code info } and a tab, given the same names. */
  @Test
  void long_names_make_two_columns() {
    Completion completion =
        Completion.of(
            "",
            ImmutableList.of(
                "virtio-queue-status",
                "virtio",
                "virtio-status",
                "virtio-queue-element",
                "virtio-vhost-queue-status",
                "version",
                "uuid",
                "usernet",
                "vcpu_dirty_limit"));
    assertEquals(
        """
        usernet                    uuid                      .
        vcpu_dirty_limit           version                   .
        virtio                     virtio-queue-element      .
        virtio-queue-status        virtio-status             .
        virtio-vhost-queue-status .
        """
            .replace(".", " "),
        completion.table());
  }
}
