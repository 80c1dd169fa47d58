package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.chardev.RingbufChardev;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Character devices at run time. Loop thread. */
final class ChardevCommands {
  private static final QmpType INFO =
      new QmpType.Struct(
          "ChardevInfo",
          ImmutableList.of(
              Parameter.required("label", QmpType.STRING),
              Parameter.required("filename", QmpType.STRING),
              Parameter.required("frontend-open", QmpType.BOOL)));

  private static final QmpType RETURN =
      new QmpType.Struct(
          "ChardevReturn", ImmutableList.of(Parameter.optional("pty", QmpType.STRING)));

  private static final QmpType ID =
      new QmpType.Struct("chardev-id", ImmutableList.of(Parameter.required("id", QmpType.STRING)));

  private final Chardevs devices;

  ChardevCommands(Chardevs devices) {
    this.devices = devices;
  }

  void register(MonitorRegistry monitor) {
    registerHuman(monitor);
    monitor.addQmp(
        new QmpCommand(
            "query-chardev", ImmutableList.of(), new QmpType.ListOf(INFO), call -> query()));
    monitor.addQmp(
        new QmpCommand("chardev-add", QmpChardev.PARAMETERS, RETURN, ChardevCommands.this::qmpAdd));
    monitor.addQmp(
        new QmpCommand(
            "chardev-remove",
            ((QmpType.Struct) ID).members(),
            QmpType.EMPTY,
            call -> {
              remove(call.string("id").orElseThrow());
              return ImmutableMap.of();
            }));
  }

  private void registerHuman(MonitorRegistry monitor) {
    monitor.addInfo(
        new HmpCommand(
            "chardev", "", "", "show the character devices", call -> call.print(list())));
    monitor.addHmp(new HmpCommand("chardev-add", "args:s", "args", "add chardev", this::hmpAdd));
    monitor.addHmp(
        new HmpCommand(
            "chardev-remove",
            "id:s",
            "id",
            "remove chardev",
            call -> remove(call.string("id").orElseThrow())));
    monitor.addHmp(
        new HmpCommand(
            "ringbuf_write",
            "device:s,data:s",
            "device data",
            "Write to a ring buffer character device",
            this::ringWrite));
    monitor.addHmp(
        new HmpCommand(
            "ringbuf_read",
            "device:s,size:i",
            "device size",
            "Read from a ring buffer character device",
            this::ringRead));
  }

  private String list() {
    StringBuilder list = new StringBuilder();
    for (Chardev device : devices.all()) {
      list.append(device.id()).append(": filename=").append(device.filename()).append('\n');
    }
    return list.toString();
  }

  private ImmutableList<Object> query() {
    return devices.all().stream()
        .map(
            device ->
                ImmutableMap.of(
                    "label", device.id(),
                    "filename", device.filename(),
                    "frontend-open", device.isBusy()))
        .collect(ImmutableList.toImmutableList());
  }

  private void hmpAdd(HmpCall call) throws MonitorException {
    add(() -> ChardevSyntax.parseOption(call.string("args").orElseThrow()), "");
  }

  private Object qmpAdd(QmpCall call) throws MonitorException {
    String id = call.string("id").orElseThrow();
    add(() -> QmpChardev.read(call), "Failed to add chardev '" + id + "': ");
    String name = devices.find(id).orElseThrow().filename();
    return name.startsWith("pty:")
        ? ImmutableMap.of("pty", name.substring("pty:".length()))
        : ImmutableMap.of();
  }

  private void add(Reading reading, String context) throws MonitorException {
    ChardevSyntax.Named named;
    try {
      named = reading.read();
    } catch (OptionException e) {
      throw new MonitorException(context + e.getMessage());
    }
    boolean taken = devices.find(named.id()).isPresent();
    try {
      devices.addByMonitor(named.id(), named.spec());
    } catch (OptionException e) {
      throw new MonitorException((taken ? "" : context) + e.getMessage());
    }
  }

  private void remove(String id) throws MonitorException {
    try {
      devices.remove(id);
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private void ringWrite(HmpCall call) throws MonitorException {
    ring(call).write(call.string("data").orElseThrow().getBytes(StandardCharsets.UTF_8));
  }

  /** Control characters are shown as JSON would (hmp_ringbuf_read in monitor/hmp-cmds.c). */
  private void ringRead(HmpCall call) throws MonitorException {
    byte[] data = ring(call).read(call.integer("size").orElseThrow());
    StringBuilder shown = new StringBuilder();
    for (char c : new String(data, StandardCharsets.UTF_8).toCharArray()) {
      if (c == '\\') {
        shown.append("\\\\");
      } else if (c < 0x20 && c != '\n' || c == 0x7f) {
        shown.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
      } else {
        shown.append(c);
      }
    }
    call.print(shown.append('\n').toString());
  }

  private RingbufChardev ring(HmpCall call) throws MonitorException {
    String id = call.string("device").orElseThrow();
    Chardev device =
        devices.find(id).orElseThrow(() -> new MonitorException("Device '" + id + "' not found"));
    if (device instanceof RingbufChardev ring) {
      return ring;
    }
    throw new MonitorException(id + " is not a ringbuf device");
  }

  private interface Reading {
    ChardevSyntax.Named read() throws MonitorException, OptionException;
  }
}
