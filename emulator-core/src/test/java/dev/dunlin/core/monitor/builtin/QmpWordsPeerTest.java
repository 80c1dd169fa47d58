package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import dev.dunlin.testing.Transcript;
import dev.dunlin.testing.UnixConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * The same bytes sent to a real QEMU's machine monitor and to ours, each on a connection of its
 * own; every byte that comes back must be the same but for timestamps.
 *
 * <p>Differences that are meant, and so are not among the inputs: version and package; no {@code
 * oob} is offered; for a value that a list's enum doesn't have, QEMU names the parameter 'null'; an
 * infinite number as an id comes back as null, from QEMU as {@code inf}, which is no JSON; the
 * order in which several unknown arguments are complained about.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class QmpWordsPeerTest {
  private static final String END_ID = "the end of it";

  /** As ISO 8859-1, one character a byte; D is a directory of the test's own. */
  static final ImmutableList<String> INPUTS =
      ImmutableList.of(
          // JSON that is none.
          "{bad json}",
          "foo ",
          "'abc\n",
          "\"abc\001\"",
          "{\"a\" 1}",
          "{\"a\":}",
          "{\"a\":1,}",
          "{,}",
          "{\"a\":1 \"b\":2}",
          "[1,]",
          "[1 2]",
          "}",
          "]",
          ":",
          ",",
          "1,2\n",
          "@",
          "@@ @\n",
          "+1 ",
          "-\n",
          "-a\n",
          "01 \n",
          "00\n",
          "0e1\n",
          "1.\n",
          "1.2.3 \n",
          "1e\n",
          "1e+\n",
          "nulL\n",
          "truefoo\n",
          "%d\n",
          "{\"a\":%d}\n",
          "\000\n",
          "\377\n",
          "}",
          "\376\377\n",
          "\"\377\"",
          "\"\342\202\254\377\"",
          "\"\342\202\377\"",
          "\"\342(\241\n",
          "[\"a\303\"]",
          "[\"\300\200\"]",
          "[\"\355\240\200\"]",
          "[\"\357\277\277\"]",
          "[\"\364\220\200\200\"]",
          "[\"\\q\"]",
          "[\"\\x\"]",
          "[\"\\u12\"]",
          "[\"\\u12zz\"]",
          "[\"\\ud800\"]",
          "[\"\\udc00\"]",
          "[\"\\ud800\\u0041\"]",
          "[\"\\uffff\"]",
          "[\"\\ufdd0\"]",
          "[\"\\u0000\"]",
          "{\"execute\":\"query-name\"\001}",
          "{\"execute\":\"qu\001ery-name\"}",
          "{\"execute\":\"que\nry-name\"}",
          "abc{\"execute\":\"query-name\"}",
          "#{\"execute\":\"query-name\"}",
          "{\"execute\":@\"query-name\"}",
          "{\"a\":[}]",
          "[}",
          "{]",
          "{\"a\":1\377}",
          "{\"a\":1,\"a\":2}",
          "{5:1}",
          "{true:1}",
          "{{}}",
          "{[]}",
          "[:]",
          "{\"a\"}",
          "{\"a\",1}",
          "{\"a\":1:2}",
          "{\"a\":tru}",
          "{\"a\":true false}",
          "\033{\"execute\":\"query-name\"}",
          "{\"execute\":\"query-name\"}\004",
          "[".repeat(1025) + "]".repeat(1024),
          // JSON that is no request.
          "[1]",
          "5 ",
          "1.5\n",
          "\"x\"",
          "'x'",
          "\"a\" \"b\"",
          "null ",
          "true ",
          "{}",
          "{\"arguments\":{}}",
          "{\"execute\":5}",
          "{\"execute\":null}",
          "{\"id\":1,\"execute\":5}",
          "{\"execute\":\"stop\",\"arguments\":[]}",
          "{\"execute\":\"stop\",\"arguments\":null}",
          "{\"execute\":\"stop\",\"control\":1}",
          "{\"execute\":\"query-name\",\"foo\":1,\"bar\":2}",
          "{\"id\":1,\"foo\":\"nosuch\"}",
          "{\"exec-oob\":\"stop\"}",
          "{\"execute\":\"a\",\"exec-oob\":\"b\"}",
          // Ids.
          id("null"),
          id("1"),
          id("-0"),
          id("0.1"),
          id("0.5"),
          id("1.0"),
          id("1e3"),
          id("1E5"),
          id("1e20"),
          id("1e-7"),
          id("0.0001"),
          id("0.00001"),
          id("123456789.123456789"),
          id("123456789012345678"),
          id("12345678901234567.0"),
          id("123456789012345678.0"),
          id("18446744073709551615"),
          id("18446744073709551616"),
          id("-9223372036854775808"),
          id("-9223372036854775809"),
          id("[[],{},{\"a\":{}}]"),
          id("{\"a\":[1,null,\"\303\251\"]}"),
          id("\"\\u00e9\\n\\u0001\\ud83d\\ude00\303\251\360\237\230\200\""),
          id("\"\\/\\b\\f\\n\\r\\t\\\"\\\\\\'\177\""),
          id("\"\\u007f\\u0080<>&'\""),
          id("\"\\u0000x\""),
          id("'single'"),
          id("{\"zeta\":1,\"alpha\":2,\"status\":3,\"running\":4,\"x\":5,\"y\":6}"),
          // Commands that aren't there.
          "{\"execute\":\"nosuch\"}",
          "{\"execute\":\"nosuch\",\"id\":1}",
          "{\"execute\":\"\"}",
          "{\"execute\":\"a\\nb\"}",
          "{\"execute\":\"query-events\"}",
          "{\"execute\":\"" + "x".repeat(300) + "\"}",
          // Arguments.
          "{\"execute\":\"stop\",\"arguments\":{\"a\":1}}",
          "{\"id\":1,\"execute\":\"stop\",\"arguments\":{\"x\":1}}",
          "{\"execute\":\"query-name\",\"arguments\":{\"\":1}}",
          "{\"execute\":\"qmp_capabilities\"}",
          "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"foo\":1}}",
          "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":\"oob\"}}",
          "{\"execute\":\"human-monitor-command\",\"arguments\":{}}",
          "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":5}}",
          human("info status"),
          human(""),
          human("nosuch"),
          human("help quit"),
          human("pmemsave"),
          human("getfd x"),
          human("info history"),
          human("xp /40xb 0"),
          "{\"execute\":\"human-monitor-command\",\"arguments\":"
              + "{\"command-line\":\"info status\",\"cpu-index\":7}}",
          "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"x\"}}",
          "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"1x\"}}",
          "{\"execute\":\"closefd\",\"arguments\":{\"fdname\":\"x\"}}",
          save("0", "16", "D/saved"),
          save("\"0\"", "16", "D/saved"),
          save("1.5", "16", "D/saved"),
          save("1.0", "16", "D/saved"),
          save("null", "16", "D/saved"),
          save("0", "16", "D/no/such"),
          "{\"execute\":\"pmemsave\",\"arguments\":{\"size\":1}}",
          "{\"execute\":\"memsave\",\"arguments\":{\"val\":0,\"size\":1,\"filename\":\"D/x\"}}",
          // Answers.
          "{\"execute\":\"query-name\"}",
          "{\"execute\":\"query-uuid\"}",
          "{\"execute\":\"query-status\"}",
          "{\"execute\":\"query-cpus-fast\"}",
          "{\"execute\":\"query-memory-size-summary\"}",
          "{\"execute\":\"query-name\"}{\"execute\":\"query-uuid\"}",
          "{\"execute\" : \"query-name\" , \"arguments\" : { } }",
          "{\"execute\":\"cont\"}{\"execute\":\"cont\"}{\"execute\":\"query-status\"}",
          "{\"execute\":\"stop\"}{\"execute\":\"stop\"}{\"execute\":\"query-status\"}",
          "{\"execute\":\"system_powerdown\"}",
          // Character devices.
          add("a", "{\"type\":\"null\",\"data\":{}}"),
          add("a", "{\"type\":\"null\",\"data\":{}}"),
          add("b", "{\"type\":\"nosuch\",\"data\":{}}"),
          add("b", "{\"type\":5}"),
          add("b", "{}"),
          add("b", "5"),
          add("b", "{\"type\":\"null\"}"),
          add("b", "{\"type\":\"null\",\"data\":{\"x\":1}}"),
          add("b", "{\"type\":\"file\",\"data\":{}}"),
          add("b", "{\"type\":\"ringbuf\",\"data\":{\"size\":7}}"),
          add("b", "{\"type\":\"socket\",\"data\":{}}"),
          add("b", socket("{\"type\":\"inet\",\"data\":{\"host\":\"h\"}}")),
          add("b", socket("{\"type\":\"unix\",\"data\":{}}")),
          add("b", socket("{\"data\":{}}")),
          add("b", socket("{\"type\":\"unix\",\"data\":{\"path\":\"D/no/such\"}}")),
          "{\"execute\":\"chardev-remove\",\"arguments\":{\"id\":\"a\"}}",
          "{\"execute\":\"chardev-remove\",\"arguments\":{\"id\":\"a\"}}");

  @Test
  void every_input_is_answered_as_a_real_qemu_answers_it() throws Exception {
    Path directory = TempDirs.create("qmp");
    String theirMonitor = HmpWordsPeerTest.monitorOf(directory.resolve("their"));
    List<String> words = new ArrayList<>(MonitorBench.QEMU_EQUIVALENT);
    words.addAll(List.of("-qmp", theirMonitor));
    try (RealQemu qemu = RealQemu.start(words.toArray(new String[0]));
        MonitorBench bench =
            MonitorBench.start("qmp", HmpWordsPeerTest.monitorOf(directory.resolve("our")))) {
      assertEquals("prelaunch", qemu.status());
      assertEquals(-1, bench.emulator().exitStatus());
      List<Executable> checks = new ArrayList<>();
      for (String input : INPUTS) {
        String sent = input.replace("D/", directory + "/");
        String expected = converse(directory.resolve("their"), sent);
        String actual = converse(directory.resolve("our"), sent);
        checks.add(() -> assertEquals(expected, actual, sent));
      }
      assertAll(checks);
    } finally {
      TempDirs.delete(directory);
    }
  }

  /** What comes back for {@code input}, after the handshake. */
  static String converse(Path socket, String input) throws IOException {
    try (UnixConnection connection = UnixConnection.connect(socket);
        Transcript transcript = new Transcript("qmp", connection.input())) {
      send(connection, "{\"execute\":\"qmp_capabilities\"}");
      transcript.awaitAfter(0, "{\"return\": {}}\r\n", Await.GENEROUS);
      int from = transcript.length();
      send(connection, input + "\n{\"execute\":\"nosuch\",\"id\":\"" + END_ID + "\"}\n");
      String said = transcript.awaitAfter(from, "{\"id\": \"" + END_ID, Await.GENEROUS);
      connection.close();
      return said.replaceAll("\"timestamp\": \\{[^}]*}", "\"timestamp\": {}");
    }
  }

  private static void send(UnixConnection connection, String bytes) throws IOException {
    connection.output().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String id(String id) {
    return "{\"execute\":\"query-name\",\"id\":" + id + "}";
  }

  private static String human(String line) {
    return "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\""
        + line
        + "\"}}";
  }

  private static String save(String address, String size, String file) {
    return "{\"execute\":\"pmemsave\",\"arguments\":{\"val\":%s,\"size\":%s,\"filename\":\"%s\"}}"
        .formatted(address, size, file);
  }

  private static String add(String id, String backend) {
    return "{\"execute\":\"chardev-add\",\"arguments\":{\"id\":\"%s\",\"backend\":%s}}"
        .formatted(id, backend);
  }

  private static String socket(String address) {
    return "{\"type\":\"socket\",\"data\":{\"addr\":" + address + "}}";
  }
}
