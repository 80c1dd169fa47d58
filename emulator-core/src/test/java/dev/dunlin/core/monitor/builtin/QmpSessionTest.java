package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpEvent;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.QmpError;
import dev.dunlin.testing.Transcript;
import dev.dunlin.testing.UnixConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Machine monitors on real sockets and a real loop. */
@NoLeaks
final class QmpSessionTest {
  private static final String UNIX = "unix:%s/qmp,server=on,wait=off";
  private static final String HANDSHAKE = "{\"execute\":\"qmp_capabilities\"}";

  @Test
  void the_greeting_names_a_version_that_clients_of_qemu_understand() throws Exception {
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX);
        UnixConnection client = UnixConnection.connect(bench.socket("qmp"));
        Transcript heard = new Transcript("greeting", client.input())) {
      heard.awaitAfter(0, "\r\n", Await.GENEROUS);
      assertEquals(
          "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}, "
              + "\"package\": \"dunlin-0.0-test\"}, \"capabilities\": []}}\r\n",
          heard.text());
      client.close();
    }
  }

  @Test
  void nothing_but_the_handshake_is_accepted_before_it() throws Exception {
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX);
        QmpClient client = QmpClient.connectRaw(bench.socket("qmp"))) {
      for (String command : List.of("stop", "nosuch", "query-version")) {
        QmpError error = assertThrows(QmpError.class, () -> client.execute(command));
        assertEquals("CommandNotFound", error.errorClass());
        assertEquals(
            "Expecting capabilities negotiation with 'qmp_capabilities'", error.getMessage());
      }
      QmpError oob =
          assertThrows(
              QmpError.class,
              () -> client.execute("qmp_capabilities", Map.of("enable", List.of("oob"))));
      assertEquals("Capability oob not available", oob.getMessage());
      client.execute("qmp_capabilities");
      assertEquals("prelaunch", client.query("query-status").get("status"));
    }
  }

  @Test
  void a_request_may_be_split_at_any_byte() throws Exception {
    String request = "{\"execute\": 'query-status', \"id\": [\"\u00e9\", -1.5e3]}";
    byte[] bytes = request.getBytes(StandardCharsets.UTF_8);
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX);
        UnixConnection client = UnixConnection.connect(bench.socket("qmp"));
        Transcript heard = new Transcript("split", client.input())) {
      client.output().write(HANDSHAKE.getBytes(StandardCharsets.US_ASCII));
      int from = heard.awaitAfter(0, "{\"return\": {}}\r\n", Await.GENEROUS).length() + 16;
      for (int split = 0; split <= bytes.length; split++) {
        client.output().write(bytes, 0, split);
        bench.loop().call(() -> true);
        client.output().write(bytes, split, bytes.length - split);
        String said = heard.awaitAfter(from, "\r\n", Await.GENEROUS);
        assertEquals(
            "{\"return\": {\"status\": \"prelaunch\", \"singlestep\": false, \"running\": false}, "
                + "\"id\": [\"\\u00E9\", -1500]}",
            said);
        from += said.length() + 2;
      }
      client.close();
    }
  }

  @Test
  void a_client_that_leaves_at_any_byte_of_a_request_harms_nobody() throws Exception {
    String request = HANDSHAKE + "{\"execute\":\"query-version\",\"id\":\"x\"}";
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX)) {
      for (int length = 0; length <= request.length(); length++) {
        try (UnixConnection hasty = UnixConnection.connect(bench.socket("qmp"))) {
          hasty.output().write(request.substring(0, length).getBytes(StandardCharsets.US_ASCII));
        }
      }
      try (QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
        assertEquals("prelaunch", client.query("query-status").get("status"));
      }
    }
  }

  @Test
  void events_reach_every_client_past_its_handshake_and_no_other() throws Exception {
    try (MonitorBench bench =
            MonitorBench.start("qmp", UNIX, "qmp", "unix:%s/qmp2,server=on,wait=off");
        QmpClient negotiated = QmpClient.connect(bench.socket("qmp"));
        QmpClient silent = QmpClient.connectRaw(bench.socket("qmp2"))) {
      negotiated.execute("cont");
      Map<String, Object> event = negotiated.awaitEvent("RESUME", e -> true, Await.GENEROUS);
      assertEquals(Set.of("timestamp", "event"), event.keySet());
      silent.execute("qmp_capabilities");
      assertEquals(List.of(), silent.events());
    }
  }

  @Test
  void an_event_of_a_command_comes_before_its_answer() throws Exception {
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX);
        QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
      client.execute("cont");
      assertEquals("RESUME", client.events().get(0).get("event"));
      client.execute("quit");
      assertEquals(
          Map.of("guest", false, "reason", "host-qmp-quit"), client.events().get(1).get("data"));
      Await.until("the end", () -> bench.emulator().exitStatus() == 0);
    }
  }

  @Test
  void events_for_a_client_that_does_not_read_are_bounded() throws Exception {
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX);
        UnixConnection lazy = UnixConnection.connect(bench.socket("qmp"))) {
      lazy.output().write(HANDSHAKE.getBytes(StandardCharsets.US_ASCII));
      Chardev device = bench.emulator().chardevs().find("compat_monitor0").orElseThrow();
      ImmutableMap<String, String> data = ImmutableMap.of("text", "x".repeat(1000));
      Await.until(
          "events are queued",
          () ->
              bench
                  .loop()
                  .call(
                      () -> {
                        for (int i = 0; i < 5_000; i++) {
                          bench.emulator().monitor().emit("FLOOD", data);
                        }
                        return device.queued() > 0;
                      }));
      assertTrue(bench.loop().call(device::queued) < (1 << 20) + 2_000);
    }
  }

  @Test
  void the_next_request_waits_for_an_answer_that_comes_later() throws Exception {
    Late late = new Late();
    try (MonitorBench bench = MonitorBench.start(List.of(late), "qmp", UNIX);
        QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
      client.sendLine("{\"execute\":\"late\",\"id\":1}{\"execute\":\"query-name\",\"id\":2}");
      Await.until("the call", () -> bench.loop().call(() -> !late.calls.isEmpty()));
      bench
          .loop()
          .call(
              () -> {
                QmpCall.Deferred call = late.calls.remove();
                call.complete(ImmutableMap.of("late", true));
                call.fail(new MonitorException("a second answer is none"));
                return true;
              });
      assertEquals(Map.of("return", Map.of("late", true), "id", 1L), client.next(Await.GENEROUS));
      assertEquals(Map.of("return", Map.of(), "id", 2L), client.next(Await.GENEROUS));
    }
  }

  @Test
  void an_answer_to_one_who_left_is_not_given_to_the_next() throws Exception {
    Late late = new Late();
    try (MonitorBench bench = MonitorBench.start(List.of(late), "qmp", UNIX)) {
      try (UnixConnection first = UnixConnection.connect(bench.socket("qmp"))) {
        first
            .output()
            .write((HANDSHAKE + "{\"execute\":\"late\"}").getBytes(StandardCharsets.US_ASCII));
        Await.until("the call", () -> bench.loop().call(() -> !late.calls.isEmpty()));
      }
      bench
          .loop()
          .call(
              () -> {
                late.calls.remove().complete(ImmutableMap.of("late", true));
                return true;
              });
      try (QmpClient second = QmpClient.connect(bench.socket("qmp"))) {
        assertEquals(Map.of(), second.query("query-name"));
      }
    }
  }

  @Test
  void a_human_command_that_takes_its_time_is_answered_when_it_is_over() throws Exception {
    Late late = new Late();
    try (MonitorBench bench = MonitorBench.start(List.of(late), "qmp", UNIX);
        QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
      client.sendLine(
          "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"slow\"}}");
      Await.until("the call", () -> bench.loop().call(() -> !late.humanCalls.isEmpty()));
      bench
          .loop()
          .call(
              () -> {
                HmpCall.Suspension call = late.humanCalls.remove();
                call.print("at last\n");
                call.resume();
                return true;
              });
      assertEquals(Map.of("return", "at last\r\n"), client.next(Await.GENEROUS));
      assertEquals((1 << 20) / 8 * 59, client.human("xp /1048576xb 0").length());
    }
  }

  @Test
  void nested_arguments_are_checked_with_their_path() throws Exception {
    try (MonitorBench bench = MonitorBench.start(List.of(new Late()), "qmp", UNIX);
        QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
      Map<String, String> wrong =
          ImmutableMap.<String, String>builder()
              .put("{}", "Parameter 'capabilities' is missing")
              .put(
                  "{\"capabilities\":5}",
                  "Invalid parameter type for 'capabilities', expected: array")
              .put(
                  "{\"capabilities\":[5]}",
                  "Invalid parameter type for 'capabilities[0]', expected: object")
              .put(
                  "{\"capabilities\":[{\"capability\":\"events\"}]}",
                  "Parameter 'capabilities[0].state' is missing")
              .put(
                  "{\"capabilities\":[{\"capability\":\"events\",\"state\":\"on\"}]}",
                  "Invalid parameter type for 'capabilities[0].state', expected: boolean")
              .put(
                  "{\"capabilities\":[{\"capability\":\"events\",\"state\":true},"
                      + "{\"capability\":5,\"state\":true}]}",
                  "Invalid parameter type for 'capabilities[1].capability', expected: string")
              .put(
                  "{\"capabilities\":[{\"capability\":\"nosuch\",\"state\":true}]}",
                  "Parameter 'capability' does not accept value 'nosuch'")
              .put(
                  "{\"capabilities\":[{\"capability\":\"events\",\"state\":true,\"z\":1}]}",
                  "Parameter 'capabilities[0].z' is unexpected")
              .buildOrThrow();
      for (Map.Entry<String, String> each : wrong.entrySet()) {
        client.sendLine("{\"execute\":\"nested\",\"arguments\":" + each.getKey() + "}");
        assertEquals(
            Map.of("error", Map.of("class", "GenericError", "desc", each.getValue())),
            client.next(Await.GENEROUS));
      }
    }
  }

  @Test
  void a_defect_in_a_command_is_an_error_answer() throws Exception {
    try (MonitorBench bench = MonitorBench.start(List.of(new Late()), "qmp", UNIX);
        QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
      QmpError error = assertThrows(QmpError.class, () -> client.execute("broken"));
      assertTrue(error.toString().contains("internal error in 'broken'"), error::toString);
      assertEquals(Map.of(), client.query("query-name"));
    }
  }

  @Test
  void the_schema_describes_exactly_what_is_there() throws Exception {
    try (MonitorBench bench = MonitorBench.start(List.of(new Late()), "qmp", UNIX);
        QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
      List<Map<String, Object>> schema = listOfMaps(client.execute("query-qmp-schema"));
      Map<Object, Map<String, Object>> byName =
          schema.stream().collect(Collectors.toMap(e -> e.get("name"), e -> e));
      Set<Object> commands =
          schema.stream()
              .filter(e -> "command".equals(e.get("meta-type")))
              .map(e -> e.get("name"))
              .collect(Collectors.toSet());
      Set<Object> listed =
          listOfMaps(client.execute("query-commands")).stream()
              .map(e -> e.get("name"))
              .collect(Collectors.toSet());
      assertEquals(listed, commands);
      assertTrue(commands.containsAll(Set.of("quit", "nested", "qmp_capabilities")));
      for (Map<String, Object> entity : schema) {
        references(entity).forEach(name -> assertTrue(byName.containsKey(name), name::toString));
      }
      Map<String, Object> arguments = got(byName, got(got(byName, "nested"), "arg-type"));
      Map<String, Object> member = listOfMaps(got(arguments, "members")).get(0);
      assertEquals("capabilities", member.get("name"));
      assertFalse(member.containsKey("default"));
      Map<String, Object> array = got(byName, got(member, "type"));
      assertEquals("array", array.get("meta-type"));
      assertEquals("[" + array.get("element-type") + "]", array.get("name"));
      assertEquals("event", got(byName, "FLOOD").get("meta-type"));
      assertEquals("0", got(byName, "quit").get("ret-type"));
    }
  }

  @Test
  void random_bytes_never_end_the_session() throws Exception {
    Random random = new Random(6);
    String alphabet = "{}[]:,\"'\\ \n0-1.eE+tfn\001\377\303\251u";
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX);
        UnixConnection client = UnixConnection.connect(bench.socket("qmp"));
        Transcript heard = new Transcript("noise", client.input())) {
      StringBuilder noise = new StringBuilder(HANDSHAKE);
      for (int i = 0; i < 50_000; i++) {
        noise.append(
            random.nextInt(10) == 0
                ? (char) random.nextInt(256)
                : alphabet.charAt(random.nextInt(alphabet.length())));
      }
      client.output().write(noise.toString().getBytes(StandardCharsets.ISO_8859_1));
      // A control character ends any string, and as many brackets as may be open end any value.
      String end =
          "\001\n" + "]}".repeat(2_000) + "\n{\"execute\":\"query-name\",\"id\":\"end\"}\n";
      client.output().write(end.getBytes(StandardCharsets.ISO_8859_1));
      heard.awaitAfter(0, "{\"return\": {}, \"id\": \"end\"}", Await.GENEROUS);
      client.close();
    }
  }

  @Test
  void values_beyond_the_bounds_are_refused_and_the_session_goes_on() throws Exception {
    try (MonitorBench bench = MonitorBench.start("qmp", UNIX);
        QmpClient client = QmpClient.connect(bench.socket("qmp"))) {
      client.sendLine("{\"a\":\"" + "x".repeat(9 << 20) + "\"}");
      assertEquals("JSON token size limit exceeded", errorOf(client.next(Await.GENEROUS)));
      // What is left of the broken value.
      assertEquals("JSON parse error, expecting value", errorOf(client.next(Await.GENEROUS)));
      client.sendLine("[" + "1,".repeat(1 << 17) + "1]");
      assertEquals("JSON token count limit exceeded", errorOf(client.next(Await.GENEROUS)));
      String again = errorOf(client.next(Await.GENEROUS));
      assertTrue(again.startsWith("JSON parse error") || again.startsWith("QMP input"), again);
    }
  }

  @Test
  void pretty_answers_are_indented() throws Exception {
    try (MonitorBench bench =
            MonitorBench.start(
                "chardev", "socket,id=m,path=%s/qmp,server=on,wait=off",
                "mon", "chardev=m,mode=control,pretty=on");
        UnixConnection client = UnixConnection.connect(bench.socket("qmp"));
        Transcript heard = new Transcript("pretty", client.input())) {
      client.output().write((HANDSHAKE + "\n").getBytes(StandardCharsets.US_ASCII));
      String said = heard.awaitAfter(0, "\"return\"", Await.GENEROUS);
      assertTrue(said.startsWith("{\r\n    \"QMP\": {\r\n        \"version\": {\r\n"), said);
      assertTrue(
          said.endsWith("        \"capabilities\": [\r\n        ]\r\n    }\r\n}\r\n{\r\n    "),
          said);
      client.close();
    }
  }

  private static String errorOf(Map<String, Object> answer) {
    return answer.get("error") instanceof Map<?, ?> error
        ? String.valueOf(error.get("desc"))
        : answer.toString();
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> listOfMaps(Object value) {
    return (List<Map<String, Object>>) value;
  }

  private static <T> T got(Map<?, T> map, Object key) {
    return Objects.requireNonNull(map.get(key), () -> key + " in " + map);
  }

  private static List<Object> references(Map<String, Object> entity) {
    Deque<Object> names = new ArrayDeque<>();
    for (String key : List.of("arg-type", "ret-type", "element-type")) {
      if (entity.containsKey(key)) {
        names.add(got(entity, key));
      }
    }
    if ("object".equals(entity.get("meta-type"))) {
      listOfMaps(got(entity, "members")).forEach(member -> names.add(got(member, "type")));
    }
    return List.copyOf(names);
  }

  /** Commands that answer later, and a nested schema. */
  private static final class Late implements EmulatorModule {
    private final Deque<QmpCall.Deferred> calls = new ArrayDeque<>();
    private final Deque<HmpCall.Suspension> humanCalls = new ArrayDeque<>();

    @Override
    public String name() {
      return "late";
    }

    @Override
    public void start(Emulator emulator) {
      var monitor = emulator.monitor();
      monitor.addQmp(
          new QmpCommand(
              "late",
              ImmutableList.of(),
              QmpType.ANY,
              call -> {
                QmpCall.Deferred deferred = call.defer();
                calls.add(deferred);
                return deferred;
              }));
      monitor.addQmp(
          new QmpCommand(
              "broken",
              ImmutableList.of(),
              QmpType.ANY,
              call -> {
                throw new IllegalStateException("on purpose");
              }));
      QmpType capability = new QmpType.EnumOf("Capability", ImmutableList.of("events"));
      QmpType status =
          new QmpType.Struct(
              "Status",
              ImmutableList.of(
                  Parameter.required("capability", capability),
                  Parameter.required("state", QmpType.BOOL)));
      monitor.addQmp(
          new QmpCommand(
              "nested",
              ImmutableList.of(Parameter.required("capabilities", new QmpType.ListOf(status))),
              QmpType.EMPTY,
              call -> ImmutableMap.of()));
      monitor.addHmp(
          new HmpCommand("slow", "", "", "wait", call -> humanCalls.add(call.suspend())));
      monitor.declareEvent(new QmpEvent("FLOOD", ImmutableList.of()));
    }
  }
}
