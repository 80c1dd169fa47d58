package dev.dunlin.core.monitor.qmp;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.monitor.EventSink;
import dev.dunlin.core.monitor.MonitorCore;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.QmpCommand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;

/**
 * One machine monitor on one character device, for one client after the other: greeting,
 * negotiation, then one request after the other, and events between (monitor/qmp.c). Loop thread.
 */
public final class QmpSession implements Chardev.Frontend, EventSink, AutoCloseable {
  /** Events for a client with so much unread are dropped. */
  static final long MAX_EVENT_BACKLOG = 1 << 20;

  private static final String NEGOTIATION = "qmp_capabilities";

  private final Chardev device;
  private final MonitorCore registry;
  private final ImmutableMap<String, ?> version;
  private final boolean pretty;
  private final JsonStream input = new JsonStream(new Values());
  private ByteBuffer pending = ByteBuffer.allocate(0);
  private Client client = new Client();
  private boolean atWork;

  /** Attaches to {@code device}; {@code version} is the answer of query-version. */
  public QmpSession(
      Chardev device, MonitorCore registry, ImmutableMap<String, ?> version, boolean pretty) {
    this.device = device;
    this.registry = registry;
    this.version = version;
    this.pretty = pretty;
    device.setEcho(true);
    registry.addSink(this);
    device.attach(this);
  }

  /** The command that every session begins with, for the schema; sessions carry it out. */
  public static QmpCommand negotiation() {
    return Negotiation.command();
  }

  @Override
  public void opened() {
    client = new Client();
    input.reset();
    send(
        ImmutableMap.of(
            "QMP", ImmutableMap.of("version", version, "capabilities", ImmutableList.of())));
  }

  @Override
  public void received(ByteBuffer bytes) {
    ByteBuffer all = ByteBuffer.allocate(pending.remaining() + bytes.remaining());
    pending = all.put(pending).put(bytes).flip();
    work();
  }

  @Override
  public void writable() {
    work();
  }

  @Override
  public void closed() {
    pending = ByteBuffer.allocate(0);
    client = new Client();
  }

  @Override
  public void close() {
    registry.removeSink(this);
    device.detach();
    client = new Client();
  }

  @Override
  public void event(String name, ImmutableMap<String, ?> data, long wallMicros) {
    if (!client.negotiated) {
      return;
    }
    if (device.queued() > MAX_EVENT_BACKLOG) {
      LogManager.getLogger(QmpSession.class)
          .warn("{}: event {} dropped: its client doesn't read", device.id(), name);
      return;
    }
    Map<String, Object> event = new LinkedHashMap<>();
    event.put(
        "timestamp",
        ImmutableMap.of("seconds", wallMicros / 1_000_000, "microseconds", wallMicros % 1_000_000));
    event.put("event", name);
    if (!data.isEmpty()) {
      event.put("data", data);
    }
    send(event);
  }

  private void work() {
    if (atWork) {
      return;
    }
    atWork = true;
    try {
      while (pending.hasRemaining() && mayGoOn()) {
        input.feed(pending.get());
      }
    } finally {
      atWork = false;
    }
    device.setReading(!pending.hasRemaining() && mayGoOn());
  }

  private boolean mayGoOn() {
    return !client.busy && !device.isCongested();
  }

  private void send(Map<String, ?> message) {
    String text = JsonWriter.write(message, pretty).replace("\n", "\r\n") + "\r\n";
    device.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void handle(Object value) {
    Client mine = client;
    Reply reply = new Reply(mine, QmpRequest.id(value));
    mine.busy = true;
    try {
      QmpRequest request = QmpRequest.read(value);
      QmpCommand command = find(request.command());
      Map<String, Object> arguments =
          ArgumentCheck.check(command.parameters(), request.arguments());
      run(command, new QmpInvocation(arguments, device::takeReceivedFd, reply));
    } catch (MonitorException e) {
      reply.fails(e);
    }
  }

  private QmpCommand find(String name) throws MonitorException {
    if (!client.negotiated && !name.equals(NEGOTIATION)) {
      throw new MonitorException(
          "CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
    }
    return registry
        .qmp(name)
        .orElseThrow(
            () ->
                new MonitorException(
                    "CommandNotFound", "The command " + name + " has not been found"));
  }

  private void run(QmpCommand command, QmpInvocation invocation) throws MonitorException {
    if (!client.negotiated) {
      Negotiation.accept(invocation);
      client.negotiated = true;
      invocation.complete(ImmutableMap.of());
      return;
    }
    try {
      Object answer = command.handler().run(invocation);
      if (answer != invocation) {
        invocation.complete(answer);
      }
    } catch (RuntimeException e) {
      // A defect in one command must not take the monitor with it.
      LogManager.getLogger(QmpSession.class).error("'{}' failed", command.name(), e);
      throw new MonitorException("internal error in '" + command.name() + "': " + e);
    }
  }

  /** What the input is made of. */
  private final class Values implements JsonStream.Sink {
    @Override
    public void value(Object value) {
      handle(value);
    }

    @Override
    public void error(String words) {
      new Reply(client, Optional.empty()).fails(new MonitorException(words));
    }
  }

  /** Who is at the other end. */
  private static final class Client {
    private boolean negotiated;
    private boolean busy;
  }

  /** The answer to one request; nobody hears it when its client has gone. */
  private final class Reply implements QmpInvocation.Answer {
    private final Client asker;
    private final Optional<Object> id;

    Reply(Client asker, Optional<Object> id) {
      this.asker = asker;
      this.id = id;
    }

    @Override
    public void returns(Object value) {
      answer("return", value);
    }

    @Override
    public void fails(MonitorException error) {
      answer(
          "error",
          ImmutableMap.of("class", error.errorClass(), "desc", String.valueOf(error.getMessage())));
    }

    private void answer(String kind, Object value) {
      if (asker != client) {
        return;
      }
      Map<String, Object> message = new LinkedHashMap<>();
      message.put(kind, value);
      id.ifPresent(given -> message.put("id", given));
      send(message);
      asker.busy = false;
      work();
    }
  }
}
