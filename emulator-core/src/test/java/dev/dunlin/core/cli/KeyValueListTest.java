package dev.dunlin.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.KeyValueList.Entry;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyValueListTest {

  @Test
  void the_first_item_may_be_the_implied_keys_value() {
    KeyValueList list = KeyValueList.parse("user,id=u,restrict=on", "type");
    assertEquals(
        List.of(
            new Entry("type", "user", false),
            new Entry("id", "u", false),
            new Entry("restrict", "on", false)),
        list.entries());
  }

  @Test
  void a_second_bare_item_is_a_flag() {
    KeyValueList list = KeyValueList.parse("unix:/tmp/m,server,nowait", "path");
    assertEquals(Optional.of("unix:/tmp/m"), list.last("path"));
    assertEquals(Optional.of("on"), list.last("server"));
    assertEquals(Optional.of("off"), list.last("wait"));
    assertTrue(list.entries().get(1).flag());
  }

  @Test
  void doubled_commas_are_one_comma_in_a_value() {
    assertEquals(
        Optional.of("/a,b,"), KeyValueList.parse("user,smb=/a,,b,,,net=x", "type").last("smb"));
    assertEquals(Optional.of("a,b"), KeyValueList.parse("a,,b", "guest").last("guest"));
    assertEquals(Optional.of("x=y"), KeyValueList.parse("a=x=y").last("a"));
  }

  @Test
  void keys_repeat_in_order_and_the_last_one_counts() {
    KeyValueList list = KeyValueList.parse("hostfwd=a,hostfwd=b,hostfwd=c");
    assertEquals(List.of("a", "b", "c"), list.all("hostfwd"));
    assertEquals(Optional.of("c"), list.last("hostfwd"));
  }

  @Test
  void the_edges_of_the_grammar_are_qemus() {
    assertEquals(List.of(), KeyValueList.parse("", "size").entries());
    assertEquals(List.of(new Entry("size", "", false)), KeyValueList.parse(",", "size").entries());
    assertEquals(List.of(new Entry("", "x", false)), KeyValueList.parse("=x").entries());
    assertEquals(List.of(new Entry("", "on", true)), KeyValueList.parse(",").entries());
    assertEquals(List.of(new Entry("", "off", true)), KeyValueList.parse("no").entries());
    assertEquals(List.of(new Entry("a", "", false)), KeyValueList.parse("a=,").entries());
    assertEquals(List.of(new Entry("a", ",", false)), KeyValueList.parse("a=,,").entries());
  }

  @ParameterizedTest
  @CsvSource({
    "on,true",
    "yes,true",
    "true,true",
    "y,true",
    "off,false",
    "no,false",
    "false,false",
    "n,false"
  })
  void booleans_have_eight_spellings(String text, boolean value) throws OptionException {
    assertEquals(value, KeyValueList.parse("x=" + text).bool("x", !value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "0", "ON", "maybe", "on "})
  void another_word_is_no_boolean(String text) {
    assertEquals(
        "Parameter 'x' expects 'on' or 'off'",
        assertThrows(OptionException.class, () -> KeyValueList.parse("x=" + text).bool("x", true))
            .getMessage());
  }

  @Test
  void an_absent_key_has_its_default() throws OptionException {
    KeyValueList list = KeyValueList.parse("");
    assertTrue(list.bool("x", true));
    assertFalse(list.bool("x", false));
    assertEquals(OptionalLong.empty(), list.number("x"));
    assertEquals(OptionalLong.empty(), list.size("x"));
    assertEquals(Optional.empty(), list.id());
  }

  @Test
  void mistakes_are_told_in_qemus_words() {
    assertEquals(
        "Invalid parameter 'foo'",
        assertThrows(
                OptionException.class,
                () -> KeyValueList.parse("size=1,foo=2,bar=3").refuseUnknown(Set.of("size")))
            .getMessage());
    assertEquals(
        "Parameter 'type' is missing",
        assertThrows(OptionException.class, () -> KeyValueList.parse("").required("type"))
            .getMessage());
    assertEquals(
        "Parameter 'id' expects an identifier\n"
            + "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.",
        assertThrows(OptionException.class, () -> KeyValueList.parse("id=1x").id()).getMessage());
  }

  @Test
  void the_strict_grammar_has_no_flags() throws OptionException {
    assertEquals(
        Optional.of("pc"), KeyValueList.parseStrict("pc,suppress-vmdesc=on", "type").last("type"));
    assertEquals("Expected '=' after parameter 'foo'", strictMistake("pc,foo"));
    assertEquals("Expected '=' after parameter 'nofoo'", strictMistake("pc,nofoo"));
    assertEquals("Invalid parameter ''", strictMistake("pc,=x"));
    assertEquals("Expected '=' after parameter 'no'", strictMistake("pc,no"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void any_list_survives_being_written_and_read(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        text.append(",,==ano x".charAt(random.nextInt(9)));
      }
      KeyValueList list = KeyValueList.parse(text.toString(), "type");
      KeyValueList again = KeyValueList.parse(list.toString());
      assertEquals(list.toMap(), again.toMap(), "seed " + seed + " text <" + text + ">");
    }
  }

  private static String strictMistake(String text) {
    return String.valueOf(
        assertThrows(OptionException.class, () -> KeyValueList.parseStrict(text, "type"))
            .getMessage());
  }
}
