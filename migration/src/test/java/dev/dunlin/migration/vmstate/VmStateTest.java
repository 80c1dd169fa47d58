package dev.dunlin.migration.vmstate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.testing.Fuzz;
import dev.dunlin.testing.Json;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A description's bytes, its words for what it refuses, and what it says of itself. */
final class VmStateTest {
  /** A UART with a FIFO: a little of everything. */
  private static final class Uart {
    int divider = 0x1234;
    boolean enabled = true;
    long ticks = -2;
    int fill = 3;
    final int[] fifo = {1, 2, 0xffff_fff0, 0};
    byte[] line = {0x55, (byte) 0xaa};
    int lineLength = 2;
    long[] pins = {0x8000_0000_0000_0001L, 3};
    int modem = 7;
    final List<Message> messages = new ArrayList<>();
    int derived;
  }

  private static final class Message {
    int text;

    Message(int text) {
      this.text = text;
    }
  }

  private static final VmState<Message> MESSAGE =
      VmState.<Message>named("message", 1).uint8("text", m -> m.text, (m, v) -> m.text = v).build();

  private static VmStateBuilder<Uart> uart() {
    return VmState.<Uart>named("uart", 4)
        .minimumVersion(2)
        .uint16("divider", u -> u.divider, (u, v) -> u.divider = v)
        .bool("enabled", u -> u.enabled, (u, v) -> u.enabled = v)
        .since(3, f -> f.int64("ticks", u -> u.ticks, (u, v) -> u.ticks = v))
        .int32("fill", u -> u.fill, (u, v) -> u.fill = v)
        .array("fifo", IntType.INT32, u -> u.fill, 4, u -> Slots.of(u.fifo))
        .uint8("line_length", u -> u.lineLength, (u, v) -> u.lineLength = v)
        .buffer("line", u -> u.lineLength, 16, u -> u.line, (u, v) -> u.line = v)
        .bitmap("pins", 66, u -> u.pins)
        .when((u, v) -> u.enabled, f -> f.unused(2))
        .list(
            "messages",
            3,
            MESSAGE,
            u -> u.messages,
            () -> new Message(0),
            (u, m) -> u.messages.add(m))
        .subsection(
            VmState.<Uart>named("uart/modem", 1)
                .neededWhen(u -> u.modem != 0)
                .int8("modem", u -> u.modem, (u, v) -> u.modem = v)
                .build());
  }

  private static final VmState<Uart> UART = uart().build();

  private static final String GOLDEN =
      "1234 01 fffffffffffffffe 00000003 00000001 00000002 fffffff0 02 55aa"
          + " 8000000000000001 0000000000000003 0000 01 41 01 42 00"
          + " 05 0a 756172742f6d6f64656d 00000001 07";

  private static Uart talking() {
    Uart uart = new Uart();
    uart.messages.add(new Message(0x41));
    uart.messages.add(new Message(0x42));
    return uart;
  }

  @Test
  void bytes_are_as_qemu_lays_them_out() throws Exception {
    assertEquals(
        GOLDEN.replace(" ", ""), HexFormat.of().formatHex(content(UART, talking()).bytes()));
  }

  @Test
  void what_was_saved_is_loaded() throws Exception {
    byte[] saved = content(UART, talking()).bytes();
    Uart loaded = new Uart();
    loaded.divider = 0;
    loaded.enabled = false;
    loaded.pins = new long[2];
    loaded.modem = 0;
    Arrays.fill(loaded.fifo, 0);
    StreamInput in = input(saved);
    UART.load(in, loaded, 4);
    assertEquals(saved.length, in.position());
    assertArrayEquals(saved, content(UART, loaded).bytes());
  }

  @Test
  void an_older_version_leaves_younger_fields_as_they_are() throws Exception {
    String older = GOLDEN.replace(" fffffffffffffffe", "");
    Uart loaded = new Uart();
    loaded.ticks = 77;
    UART.load(input(hex(older)), loaded, 2);
    assertEquals(77, loaded.ticks);
    assertEquals(0x42, loaded.messages.get(1).text);
  }

  @Test
  void a_subsection_that_nobody_needs_is_neither_sent_nor_missed() throws Exception {
    Uart plain = talking();
    plain.modem = 0;
    byte[] saved = content(UART, plain).bytes();
    assertEquals(
        GOLDEN.substring(0, GOLDEN.indexOf(" 05 0a")).replace(" ", ""),
        HexFormat.of().formatHex(saved));
    Uart loaded = new Uart();
    loaded.modem = 5;
    UART.load(input(saved), loaded, 4);
    assertEquals(5, loaded.modem);
  }

  @Test
  void the_description_says_what_each_byte_is() throws Exception {
    StateEntry.Content content = content(UART, talking());
    Map<String, Object> json = Json.readObject(content.description());
    assertEquals(
        List.of(
            "divider uint16 2",
            "enabled bool 1",
            "ticks int64 8",
            "fill int32 4",
            "fifo*3 int32 4",
            "line_length uint8 1",
            "line buffer 2",
            "pins bitmap 16",
            "unused unused_buffer 2",
            "messages qtailq 5"),
        fields(json));
    Map<?, ?> subsection = (Map<?, ?>) list(json, "subsections").get(0);
    assertEquals("uart/modem", subsection.get("vmsd_name"));
    assertEquals(List.of("modem int8 1"), fields(subsection));
  }

  @Test
  void hooks_run_around_the_fields() throws Exception {
    List<String> calls = new ArrayList<>();
    VmState<Uart> hooked =
        uart()
            .preSave(u -> calls.add("preSave " + u.divider))
            .preLoad(u -> calls.add("preLoad " + u.divider))
            .postLoad(
                (u, version) -> {
                  calls.add("postLoad " + u.divider + " v" + version);
                  u.derived = 2 * u.divider;
                })
            .build();
    byte[] saved = content(hooked, talking()).bytes();
    Uart loaded = new Uart();
    loaded.divider = 9;
    hooked.load(input(saved), loaded, 4);
    assertEquals(List.of("preSave 4660", "preLoad 9", "postLoad 4660 v4"), calls);
    assertEquals(2 * 0x1234, loaded.derived);
  }

  @Test
  void words_for_what_is_refused_are_qemu_s() {
    assertRefused(UART, GOLDEN, 5, "uart: incoming version_id 5 is too new for local version_id 4");
    assertRefused(
        UART, GOLDEN, 1, "uart: incoming version_id 1 is too old for local minimum version_id  2");
    assertRefused(
        UART,
        GOLDEN.replace("00000003 00000001", "00000005 00000001"),
        4,
        "Invalid value 5 expecting positive value <= 4",
        "Failed to load uart:fifo");
    assertRefused(
        UART,
        GOLDEN.replace("00000003 00000001", "80000000 00000001"),
        4,
        "Invalid value -2147483648 expecting positive value <= 4",
        "Failed to load uart:fifo");
    assertRefused(
        UART,
        GOLDEN.replace("02 55aa", "11 55aa"),
        4,
        "Invalid value 17 expecting positive value <= 16",
        "Failed to load uart:line");
    assertRefused(
        UART,
        GOLDEN.replace("01 42 00", "01 42 01 43 01 44 00"),
        4,
        "more than 3 elements",
        "Failed to load uart:messages");
    assertRefused(
        UART,
        GOLDEN.replace("00000001 07", "00000002 07"),
        4,
        "uart/modem: incoming version_id 2 is too new for local version_id 1");
  }

  @Test
  void an_unknown_subsection_is_no_such_entry() {
    LoadException e =
        assertThrows(
            LoadException.class,
            () ->
                UART.load(
                    input(hex(GOLDEN.replace("756172742f6d", "756172742f78"))), new Uart(), 4));
    assertEquals(LoadException.Kind.NOT_FOUND, e.kind());
    assertEquals(List.of(), e.lines());
  }

  /** It may be the next section's business, as far as this device can tell. */
  @Test
  void a_subsection_of_another_device_stays_in_the_stream() throws Exception {
    String other = GOLDEN.replace("756172742f6d", "787878782f6d");
    StreamInput in = input(hex(other));
    UART.load(in, new Uart(), 4);
    assertEquals(0x05, in.getByte());
  }

  @Test
  void a_refusal_after_the_load_is_the_device_s_sentence() {
    VmState<Uart> strict =
        uart()
            .postLoad(
                (u, version) -> {
                  if (u.divider > 0x1000) {
                    throw new StateException("uart: divider %d".formatted(u.divider));
                  }
                })
            .build();
    assertRefused(strict, GOLDEN, 4, "uart: divider 4660");
  }

  @Test
  void every_truncation_says_which_field_it_hit() {
    byte[] whole = hex(GOLDEN);
    int versionOfSubsection = whole.length - 5;
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      try {
        UART.load(input(part), new Uart(), 4);
        // What follows the fields can't be missed: a subsection that isn't there whole isn't there.
        assertTrue(length >= GOLDEN.replace(" ", "").indexOf("050a") / 2, "length " + length);
      } catch (LoadException e) {
        if (length >= versionOfSubsection && length < versionOfSubsection + 4) {
          // Zeroes past the end are a version too, as for QEMU.
          assertTrue(e.lines().get(0).contains("is too old"), e.lines().toString());
          continue;
        }
        assertEquals(LoadException.Kind.IO, e.kind(), "length " + length);
        assertTrue(
            e.lines().get(e.lines().size() - 1).startsWith("Failed to load uart"),
            "length " + length + ": " + e.lines());
      }
    }
  }

  /** Otherwise a list within one grew as long as the stream lasts. */
  @Test
  void a_subsection_comes_once() {
    String subsection = GOLDEN.substring(GOLDEN.indexOf(" 05 0a"));
    assertRefused(UART, GOLDEN + subsection, 4, "uart/modem: comes twice");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1_000_000, 2_000_000})
  void hostile_bytes_are_loaded_or_refused(long seed) {
    Fuzz.hostile(seed, 800, hex(GOLDEN), bytes -> loadAnyhow(UART, bytes, Uart::new));
    Fuzz.hostile(seed, 800, new byte[1000], VmStateTest::loadDevices);
  }

  private static void loadDevices(byte[] bytes) {
    loadAnyhow(QemuDevices.FDC, bytes, QemuDevices.Fdc::new);
    loadAnyhow(QemuDevices.HPET, bytes, QemuDevices.Hpet::new);
    loadAnyhow(QemuDevices.FW_CFG, bytes, QemuDevices.FwCfg::new);
  }

  private static <T> void loadAnyhow(VmState<T> state, byte[] bytes, Supplier<T> fresh) {
    StreamInput in = input(bytes);
    try {
      state.load(in, fresh.get(), state.version());
      assertTrue(in.position() <= bytes.length);
    } catch (LoadException e) {
      assertTrue(!e.lines().isEmpty() || e.kind() == LoadException.Kind.NOT_FOUND, e.toString());
    }
  }

  @Test
  void a_value_that_does_not_fit_fails_the_save_and_names_its_field() {
    Uart wide = new Uart();
    wide.divider = 0x1_0000;
    StateException e = assertThrows(StateException.class, () -> content(UART, wide));
    assertEquals(
        "Save of field uart/divider failed: 65536 isn't a value of uint16", e.getMessage());
    Uart full = new Uart();
    full.fill = 5;
    assertEquals(
        "Save of field uart/fifo failed: 5 elements where at most 4 may be",
        assertThrows(StateException.class, () -> content(UART, full)).getMessage());
  }

  @Test
  void unsigned_values_may_stand_in_java_s_signed_ones() throws Exception {
    byte[] bytes = {(byte) 0xfe};
    VmState<byte[]> state =
        VmState.<byte[]>named("byte", 1)
            .uint8("as_byte", b -> b[0], (b, v) -> b[0] = (byte) v)
            .uint8("as_int", b -> b[0] & 0xff, (b, v) -> b[0] = (byte) v)
            .build();
    assertArrayEquals(new byte[] {(byte) 0xfe, (byte) 0xfe}, content(state, bytes).bytes());
    assertEquals(0xfe, IntType.UINT8.read(input(bytes)));
    assertEquals(-2, IntType.INT8.read(input(bytes)));
    assertEquals(0xfffffffeL, IntType.UINT32.read(input(hex("fffffffe"))));
    assertEquals(-2, IntType.INT32.read(input(hex("fffffffe"))));
    assertEquals(-2, IntType.INT16.read(input(hex("fffe"))));
    assertEquals(0xfffe, IntType.UINT16.read(input(hex("fffe"))));
  }

  @Test
  void mistakes_in_a_description_are_told_when_it_is_made() {
    assertThrows(IllegalArgumentException.class, () -> VmState.named("", 1));
    assertThrows(IllegalArgumentException.class, () -> VmState.named("x".repeat(256), 1));
    assertThrows(IllegalArgumentException.class, () -> VmState.named("x", 1).minimumVersion(2));
    assertThrows(
        IllegalArgumentException.class,
        () -> VmState.named("x", 1).subsection(VmState.named("y/z", 1).build()));
  }

  private static <T> void assertRefused(
      VmState<Uart> state, String bytes, int version, String... words) {
    LoadException e =
        assertThrows(LoadException.class, () -> state.load(input(hex(bytes)), new Uart(), version));
    assertEquals(List.of(words), e.lines());
  }

  private static List<String> fields(Map<?, ?> state) {
    return list(state, "fields").stream()
        .map(field -> (Map<?, ?>) field)
        .map(
            field ->
                field.get("name")
                    + (field.containsKey("array_len") ? "*" + field.get("array_len") : "")
                    + " "
                    + field.get("type")
                    + " "
                    + field.get("size"))
        .toList();
  }

  private static List<?> list(Map<?, ?> object, String name) {
    return (List<?>) Objects.requireNonNull(object.get(name));
  }

  private static <T> StateEntry.Content content(VmState<T> state, T target) throws StateException {
    return DescribedState.of(state, () -> target, () -> target, t -> {}).save().orElseThrow();
  }

  private static StreamInput input(byte[] bytes) {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    return new StreamInput(
        into -> {
          if (!left.hasRemaining()) {
            return -1;
          }
          // One at a time, so that a subsection's name never comes whole.
          into.put(left.get());
          return 1;
        });
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
