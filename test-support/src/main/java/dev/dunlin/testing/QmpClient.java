package dev.dunlin.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Speaks to a machine monitor, QEMU's or Dunlin's. One thread at a time. */
public final class QmpClient implements AutoCloseable {
  private final Transcript transcript;
  private final OutputStream out;
  private final AutoCloseable connection;
  private final List<Map<String, Object>> events = new ArrayList<>();
  private final Map<String, Object> greeting;
  private int at;
  private long lastId;

  private QmpClient(Transcript transcript, OutputStream out, AutoCloseable connection) {
    this.transcript = transcript;
    this.out = out;
    this.connection = connection;
    greeting = next(Await.GENEROUS);
  }

  /** Connects and leaves negotiation mode. */
  public static QmpClient connect(Path socket) {
    QmpClient client = connectRaw(socket);
    client.execute("qmp_capabilities");
    return client;
  }

  /** Connects and reads the greeting only. */
  public static QmpClient connectRaw(Path socket) {
    UnixConnection connection = UnixConnection.connect(socket);
    return new QmpClient(
        new Transcript("qmp " + socket.getFileName(), connection.input()),
        connection.output(),
        connection);
  }

  public Map<String, Object> greeting() {
    return greeting;
  }

  /** A command without arguments; returns the value of {@code return}. */
  public Object execute(String command) {
    return execute(command, Map.of());
  }

  /** Returns the value of {@code return}; an error answer throws {@link QmpError}. */
  public Object execute(String command, Map<String, ?> arguments) {
    long id = ++lastId;
    Map<String, @Nullable Object> request = new LinkedHashMap<>();
    request.put("execute", command);
    request.put("arguments", arguments);
    request.put("id", id);
    sendLine(Json.write(request));
    while (true) {
      Map<String, Object> answer = next(Await.GENEROUS);
      if (answer.containsKey("event")) {
        events.add(answer);
      } else if (answer.get("error") instanceof Map<?, ?> error) {
        throw new QmpError(String.valueOf(error.get("class")), String.valueOf(error.get("desc")));
      } else if (Long.valueOf(id).equals(answer.get("id"))) {
        return Objects.requireNonNull(answer.get("return"), "an answer without return");
      }
    }
  }

  /** Like {@link #execute} for commands that answer with an object. */
  @SuppressWarnings("unchecked")
  public Map<String, Object> query(String command) {
    return (Map<String, Object>) execute(command);
  }

  /** {@code human-monitor-command}. */
  public String human(String line) {
    return String.valueOf(execute("human-monitor-command", Map.of("command-line", line)));
  }

  /** Sends a line as it is. */
  public void sendLine(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line from the monitor, an answer or an event. */
  public Map<String, Object> next(Duration limit) {
    String line = transcript.awaitAfter(at, "\n", limit);
    at += line.length() + 1;
    return Json.readObject(line);
  }

  /** Events seen so far and not yet taken by {@link #awaitEvent}, in order. */
  public List<Map<String, Object>> events() {
    return List.copyOf(events);
  }

  /** Takes the first event of this name that fits, waiting for it; those before it stay. */
  public Map<String, Object> awaitEvent(
      String name, Predicate<Map<String, Object>> fits, Duration limit) {
    int looked = 0;
    while (true) {
      for (; looked < events.size(); looked++) {
        Map<String, Object> event = events.get(looked);
        if (name.equals(event.get("event")) && fits.test(event)) {
          return events.remove(looked);
        }
      }
      Map<String, Object> more = next(limit);
      if (more.containsKey("event")) {
        events.add(more);
      }
    }
  }

  /** Waits for the MIGRATION event with this status (the {@code events} capability is needed). */
  public Map<String, Object> awaitMigration(String status, Duration limit) {
    return awaitEvent(
        "MIGRATION",
        event -> event.get("data") instanceof Map<?, ?> data && status.equals(data.get("status")),
        limit);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    transcript.close();
  }
}
