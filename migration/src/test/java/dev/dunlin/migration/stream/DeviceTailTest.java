package dev.dunlin.migration.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Device state is cut into the sections that it has, or not at all. */
class DeviceTailTest {
  private final Tail tail = new Tail();

  @Test
  void sizes_of_the_description_lead_from_section_to_section() throws Exception {
    tail.section("timer", 0, new byte[24])
        .section("cpu", 1, bytes(500))
        .section("cpu", 2, bytes(7));
    DeviceSections found = read(tail.described(), true);
    assertEquals(List.of("timer 0", "cpu 1", "cpu 2"), names(found));
    assertContents(found);
    assertEquals(tail.json(), found.descriptionText().orElseThrow());
  }

  @Test
  void without_footers_the_description_is_all_there_is() throws Exception {
    tail.withoutFooters().section("timer", 0, new byte[24]).section("cpu", 0, bytes(500));
    assertContents(read(tail.described(), false));
    LoadException refused =
        assertThrows(LoadException.class, () -> read(tail.undescribed(), false));
    assertTrue(refused.lines().get(0).startsWith("The stream has neither footers nor"));
  }

  @Test
  void fields_arrays_structures_and_subsections_add_up() throws Exception {
    int subsection = 1 + 1 + "dev/sub".length() + 4 + 3;
    int inner = 1 + 1 + "dev/sub/in".length() + 4 + 8;
    tail.section("dev", 0, bytes(4 + 3 * 16 + 20 + subsection + inner));
    tail.describe(
        """
        {"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "fields": [
        {"name": "a", "type": "uint32", "size": 4},
        {"name": "b", "array_len": 3, "type": "buffer", "size": 16},
        {"name": "c", "type": "struct", "struct": {"vmsd_name": "x", "version": 1, "fields":
        [{"name": "d", "type": "buffer", "size": 99}]}, "size": 20}],
        "subsections": [{"vmsd_name": "dev/sub", "version": 1, "fields":
        [{"name": "e", "type": "buffer", "size": 3}], "subsections": [{"vmsd_name": "dev/sub/in",
        "version": 1, "fields": [{"name": "f", "type": "uint64", "size": 8}]}]}]}""");
    assertContents(read(tail.described(), true));
  }

  @Test
  void a_size_that_misses_its_footer_is_corrected_where_only_one_place_fits() throws Exception {
    tail.section("a", 0, bytes(100)).section("b", 0, bytes(50)).section("c", 0, bytes(9));
    tail.describedSize(1, 49);
    assertContents(read(tail.described(), true));
    tail.describedSize(2, 4000);
    assertContents(read(tail.described(), true));
  }

  @Test
  void a_wrong_size_that_two_places_fit_is_refused() throws Exception {
    byte[] forged = concat(bytes(10), Tail.footer(3), Tail.header(9, "c", 0), bytes(10));
    tail.section("a", 0, bytes(5)).section("b", 0, forged).section("c", 0, bytes(9));
    tail.describedSize(1, 7);
    LoadException refused = assertThrows(LoadException.class, () -> read(tail.described(), true));
    assertEquals(List.of("The end of the section of 'b' 0 can't be told"), refused.lines());
  }

  /** Added to where the content begins, it comes out as the place of a footer within the name. */
  @Test
  void a_size_beyond_all_numbers_leads_nowhere() {
    byte[] name = concat(Tail.footer(2), Tail.header(3, "b", 0));
    String forged = new String(name, StandardCharsets.UTF_8);
    tail.section(forged, 0, new byte[0]);
    String json = Tail.description("NAME", 0, 0).replace("\"vmsd_name\": \"NAME\", ", "");
    StringBuilder escaped = new StringBuilder();
    forged.chars().forEach(c -> escaped.append("\\u%04x".formatted(c)));
    long size = Long.MAX_VALUE - (6 + name.length + 8) + 1 + 6;
    tail.describe(
        json.replace("NAME", escaped).replace("\"size\": 0", "\"size\": " + size)
            + ", "
            + Tail.description("b", 0, 4));
    for (boolean footers : new boolean[] {true, false}) {
      LoadException refused =
          assertThrows(LoadException.class, () -> read(tail.described(), footers));
      assertTrue(
          refused.lines().get(0).startsWith("The end of the section of "), refused::toString);
    }
  }

  /** Each search goes over all the rest: 20,000 of them over 500 KB took a minute, 64 MiB days. */
  @Test
  void ends_are_searched_for_a_while_and_no_longer() {
    for (int i = 0; i < 20_000; i++) {
      tail.section("a", i, new byte[4]);
      tail.describedSize(i, 5);
    }
    byte[] stream = tail.described();
    LoadException refused =
        assertTimeout(
            Duration.ofSeconds(20),
            () -> assertThrows(LoadException.class, () -> read(stream, true)));
    assertTrue(refused.lines().get(0).startsWith("The end of the section of "), refused::toString);
  }

  @Test
  void a_description_of_other_devices_is_refused() {
    tail.section("a", 0, bytes(100)).describe(Tail.description("b", 0, 100));
    LoadException refused = assertThrows(LoadException.class, () -> read(tail.described(), true));
    assertEquals(List.of("Expected a section of 'b' 0 at byte 0"), refused.lines());
  }

  @Test
  void footers_alone_do_when_they_leave_one_way() throws Exception {
    tail.section("timer", 0, new byte[24]).section("cpu", 0, bytes(5000)).section("x", 7, bytes(0));
    assertContents(read(tail.undescribed(), true));
    assertContents(read(concat(tail.undescribed(), bytes(64)), true));
  }

  /** A guest can put a footer into a device, and it may even fit. */
  @Test
  void footers_that_leave_two_ways_are_refused() throws Exception {
    byte[] harmless = concat(bytes(10), Tail.footer(3), bytes(10));
    tail.section("a", 0, bytes(5)).section("b", 0, harmless).section("c", 0, bytes(9));
    assertContents(read(tail.undescribed(), true));

    Tail forged = new Tail();
    byte[] fits =
        concat(bytes(10), Tail.footer(3), Tail.header(9, "c", 0), bytes(10), Tail.footer(9));
    forged.section("a", 0, bytes(5)).section("b", 0, concat(fits, Tail.header(3, "d", 0)));
    forged.section("c", 0, bytes(9));
    LoadException refused =
        assertThrows(LoadException.class, () -> read(forged.undescribed(), true));
    assertTrue(
        refused.lines().get(0).endsWith("more than one way to tell its device sections apart"));
    // The description knows better.
    assertEquals(List.of("a 0", "b 0", "c 0"), names(read(forged.described(), true)));
  }

  /** A device may hold what looks like the stream's end. */
  @Test
  void a_description_within_a_device_is_not_the_stream_s() throws Exception {
    String json = "{\"page_size\": 4096, \"devices\": []}";
    byte[] inside = concat(new byte[] {0, 6, 0, 0, 0, (byte) json.length()}, text(json), bytes(9));
    tail.section("a", 0, bytes(5)).section("b", 0, inside).section("c", 0, bytes(9));
    assertContents(read(tail.described(), true));
  }

  @Test
  void nothing_behind_the_description_is_waited_for() throws Exception {
    tail.section("a", 0, bytes(5)).section("b", 0, bytes(300_000));
    ByteBuffer left = ByteBuffer.wrap(tail.described());
    StreamInput open =
        new StreamInput(
            into -> {
              assertTrue(left.hasRemaining(), "more than the stream was asked for");
              int piece = Math.min(Math.min(into.remaining(), left.remaining()), 977);
              into.put(left.slice(left.position(), piece));
              left.position(left.position() + piece);
              return piece;
            });
    assertContents(DeviceTail.read(open, true));
  }

  @Test
  void more_than_is_kept_is_refused() {
    StreamInput endless = new StreamInput(into -> fill(into, (byte) 4));
    LoadException refused = assertThrows(LoadException.class, () -> DeviceTail.read(endless, true));
    assertEquals(
        List.of("More than 64 MiB of device state, which is the most that is kept"),
        refused.lines());
  }

  /** Places that all look like the end cost no more than a bounded number of looks. */
  @Test
  void a_stream_full_of_ends_is_refused() {
    byte[] end = {0, 6, 0, 0, 0, 7, '{', '"', 'a', '"', ':', '1', '}'};
    int[] at = {0};
    StreamInput endless =
        new StreamInput(
            into -> {
              int count = into.remaining();
              while (into.hasRemaining()) {
                into.put(end[at[0]++ % end.length]);
              }
              return count;
            });
    LoadException refused = assertThrows(LoadException.class, () -> DeviceTail.read(endless, true));
    assertEquals(List.of("Too many places of the device state look like its end"), refused.lines());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void any_mutation_is_cut_into_what_it_is_or_refused(int seed) {
    Random random = new Random(seed);
    tail.section("timer", 0, new byte[24]).section("cpu", 0, bytes(300)).section("x", 7, bytes(40));
    for (int round = 0; round < 500; round++) {
      boolean described = random.nextBoolean();
      byte[] stream = described ? tail.described() : tail.undescribed();
      for (int i = random.nextInt(4); i >= 0; i--) {
        stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
      }
      byte[] cut =
          random.nextInt(3) == 0 ? Arrays.copyOf(stream, random.nextInt(stream.length)) : stream;
      try {
        DeviceSections found = read(cut, true);
        byte[] bytes = new byte[found.bytes().remaining()];
        found.bytes().get(bytes);
        assertArrayEquals(Arrays.copyOf(cut, bytes.length), bytes);
        assertEquals(0, cut[bytes.length]);
      } catch (LoadException e) {
        assertTrue(!e.lines().isEmpty());
      }
    }
  }

  private void assertContents(DeviceSections found) {
    assertEquals(tail.contents.size(), found.sections().size());
    for (int i = 0; i < tail.contents.size(); i++) {
      assertEquals(ByteBuffer.wrap(tail.contents.get(i)), found.sections().get(i).content());
      assertEquals((long) tail.starts.get(i), found.sections().get(i).position());
    }
  }

  private static List<String> names(DeviceSections found) {
    return found.sections().stream()
        .map(section -> section.header().idstr() + " " + section.header().instance())
        .toList();
  }

  private static DeviceSections read(byte[] bytes, boolean footers) throws LoadException {
    return DeviceTail.read(StreamInput.of(ByteBuffer.wrap(bytes)), footers);
  }

  private static int fill(ByteBuffer into, byte value) {
    int count = into.remaining();
    while (into.hasRemaining()) {
      into.put(value);
    }
    return count;
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Sections with ids 2, 3, and so on. */
  private static final class Tail {
    private static final int FIRST_ID = 2;

    private final ByteArrayOutputStream sections = new ByteArrayOutputStream();
    private final List<byte[]> contents = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();
    private final List<String> descriptions = new ArrayList<>();
    private boolean footers = true;

    Tail withoutFooters() {
      footers = false;
      return this;
    }

    Tail section(String name, int instance, byte[] content) {
      int id = FIRST_ID + contents.size();
      starts.add(sections.size());
      sections.writeBytes(header(id, name, instance));
      sections.writeBytes(content);
      if (footers) {
        sections.writeBytes(footer(id));
      }
      contents.add(content);
      descriptions.add(description(name, instance, content.length));
      return this;
    }

    /** Describes the last section so. */
    void describe(String json) {
      descriptions.set(descriptions.size() - 1, json);
    }

    /** Gives a section's description another size. */
    void describedSize(int index, int size) {
      String old = "\"size\": " + contents.get(index).length;
      descriptions.set(index, descriptions.get(index).replace(old, "\"size\": " + size));
    }

    static String description(String name, int instance, int size) {
      return """
          {"name": "%s", "instance_id": %d, "vmsd_name": "%s", "version": 1, "fields": [\
          {"name": "all", "type": "buffer", "size": %d}]}"""
          .formatted(name, instance, name, size);
    }

    String json() {
      return "{\"page_size\": 4096, \"devices\": [" + String.join(", ", descriptions) + "]}";
    }

    byte[] undescribed() {
      return concat(sections.toByteArray(), new byte[] {0});
    }

    byte[] described() {
      byte[] json = text(json());
      byte[] length = ByteBuffer.allocate(4).putInt(json.length).array();
      return concat(undescribed(), new byte[] {6}, length, json);
    }

    static byte[] header(int id, String name, int instance) {
      return ByteBuffer.allocate(14 + name.length())
          .put((byte) 4)
          .putInt(id)
          .put((byte) name.length())
          .put(text(name))
          .putInt(instance)
          .putInt(1)
          .array();
    }

    static byte[] footer(int id) {
      return ByteBuffer.allocate(5).put((byte) 0x7e).putInt(id).array();
    }
  }
}
