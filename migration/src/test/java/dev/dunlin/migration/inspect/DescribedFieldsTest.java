package dev.dunlin.migration.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.StreamBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A description is a stranger's: it fits the bytes to the last, or it is of something else. */
class DescribedFieldsTest {
  private static final FieldReader.Budget NO_BYTES = new FieldReader.Budget(1000);

  private static Optional<ImmutableList<DeviceShape>> parse(String json) {
    return DescriptionParser.parse(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static String device(String members) {
    return "{\"devices\": [{\"name\": \"dev\", \"instance_id\": 0, " + members + "}]}";
  }

  private static StateShape shape(String members) {
    return parse(device(members)).orElseThrow().get(0).state();
  }

  private static Optional<List<String>> read(String members, int bytes) {
    return FieldReader.read(shape(members), ByteBuffer.allocate(bytes), FieldReader.Budget.ofJvm())
        .map(fields -> fields.stream().map(FieldValue::path).toList());
  }

  @Test
  void fields_structures_and_arrays_are_laid_over_the_bytes() {
    String fields =
        """
        "fields": [{"name": "a", "type": "uint32", "size": 4},
        {"name": "s", "array_len": 2, "type": "struct", "size": 3, "struct": {"vmsd_name": "x",
        "version": 1, "fields": [{"name": "b", "type": "uint16", "size": 2}]}}]""";
    assertEquals(
        Optional.of(List.of("a", "s[0].b", "s.(rest)", "s[1].b", "s.(rest)")), read(fields, 10));
    assertEquals(Optional.empty(), read(fields, 9), "a byte is missing");
    assertEquals(Optional.empty(), read(fields, 11), "a byte is left");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"fields\": [{\"name\": \"a\", \"type\": \"buffer\", \"size\": 9223372036854775807}]",
        "\"fields\": [{\"name\": \"a\", \"array_len\": 4611686018427387904, \"type\": \"b\", \"size\": 4}]",
        "\"fields\": [{\"name\": \"a\", \"array_len\": 4294967296, \"type\": \"b\", \"size\": 0}]",
        "\"fields\": [{\"name\": \"a\", \"array_len\": 9000000000000000000, \"size\": 0, \"struct\": {}}]",
        "\"fields\": [{\"name\": \"a\", \"size\": 1, \"struct\": {\"fields\": [{\"size\": 2}]}}]",
        "\"subsections\": [{\"vmsd_name\": \"dev/sub\", \"version\": 1, \"fields\": []}]",
        "\"fields\": []"
      })
  void a_description_of_something_else_says_nothing(String members) {
    assertEquals(Optional.empty(), read(members, 4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"devices\": [{\"name\": 1e400}]",
        "{\"devices\": [{\"instance_id\": 99999999999999999999}]}",
        "{\"devices\": [{\"fields\": [{\"size\": -1}]}]}",
        "{\"devices\": [{\"fields\": [{\"size\": 1, \"array_len\": -1}]}]}",
        "{\"devices\": [{\"fields\": [{\"struct\": []}]}]}",
        "{\"devices\": [{\"size\": \"many\"}]}"
      })
  void what_is_no_description_is_none(String json) {
    assertEquals(Optional.empty(), parse(json));
  }

  @Test
  void names_and_nesting_have_bounds() {
    assertTrue(parse(device("\"vmsd_name\": \"" + "x".repeat(255) + "\"")).isPresent());
    assertEquals(Optional.empty(), parse(device("\"vmsd_name\": \"" + "x".repeat(256) + "\"")));
    assertTrue(
        parse(device("\"struct\": " + "{\"struct\": ".repeat(900) + "{}" + "}".repeat(900)))
            .isPresent());
    String deep = "{\"struct\": ".repeat(100_000) + "{}" + "}".repeat(100_000);
    assertEquals(Optional.empty(), parse(device("\"struct\": " + deep)));
  }

  /** Three bytes of text each took a hundred of memory. */
  @Test
  void more_fields_than_any_machine_has_are_none() {
    String many = "{}" + ",{}".repeat(199_000 - 1);
    assertEquals(199_000, shape("\"fields\": [" + many + "]").fields().size());
    String tooMany = "{}" + ",{}".repeat(200_000);
    assertEquals(Optional.empty(), parse(device("\"fields\": [" + tooMany + "]")));
  }

  /** A description of some hundred bytes asked for a million names of nearly a thousand. */
  @Test
  void a_few_bytes_of_description_ask_for_no_more_memory_than_there_is() {
    String name = "n".repeat(255);
    String inner = "{\"name\": \"" + name + "\", \"type\": \"b\", \"size\": 0}";
    String members =
        "\"fields\": [{\"name\": \"%s\", \"size\": 0, \"array_len\": 900000, \"struct\": {\"fields\": [%s]}}]"
            .formatted(name, inner);
    FieldReader.Budget budget = new FieldReader.Budget(1 << 20);
    assertEquals(
        Optional.empty(), FieldReader.read(shape(members), ByteBuffer.allocate(0), budget));
  }

  @Test
  void the_budget_is_the_whole_stream_s() {
    StateShape one = shape("\"fields\": [{\"name\": \"a\", \"type\": \"uint8\", \"size\": 1}]");
    int read = 0;
    while (FieldReader.read(one, ByteBuffer.allocate(1), NO_BYTES).isPresent()) {
      read++;
    }
    assertEquals(3, read);
  }

  /** Each of them was looked for from the first on: hours, for a description of 6 MB. */
  @Test
  void fields_that_are_all_called_alike_are_compared_one_by_one() throws Exception {
    String field = "{\"name\": \"a\", \"type\": \"b\", \"size\": 0}";
    String json =
        device(
            "\"fields\": ["
                + field
                + ("," + field).repeat(60_000)
                + ","
                + field.replace("0", "1")
                + "]");
    StreamIndex left = StreamIndexTest.read(stream(json, (byte) 1));
    StreamIndex right = StreamIndexTest.read(stream(json, (byte) 2));
    List<Difference> found =
        assertTimeout(Duration.ofSeconds(20), () -> StreamComparison.of(left, right));
    assertEquals(1, found.size());
    assertTrue(found.get(0) instanceof Difference.Field, found::toString);
  }

  private static StreamBytes stream(String json, byte content) {
    return StreamBytes.ofBlock("ram", 4096)
        .device("dev", new byte[] {content})
        .eof()
        .description(json);
  }
}
