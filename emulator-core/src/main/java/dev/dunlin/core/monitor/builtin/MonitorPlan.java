package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.ChardevSpec;
import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The character devices and monitors that a command line asks for, checked as far as that goes
 * without opening anything. Immutable.
 */
record MonitorPlan(ImmutableList<Device> devices, ImmutableList<Monitor> monitors) {

  /** A device and the option that asked for it, for messages. */
  record Device(String id, ChardevSpec spec, Option option) {}

  /** A monitor on one of the devices. */
  record Monitor(String device, Mode mode, Option option) {}

  enum Mode {
    HUMAN,
    MACHINE,
    MACHINE_PRETTY
  }

  static MonitorPlan read(ParsedOptions options) throws OptionException {
    Reader reader = new Reader();
    for (Option option : options.occurrences("chardev")) {
      ChardevSyntax.Named named = option.read(ChardevSyntax::parseOption);
      reader.addDevice(named.id(), named.spec(), option);
    }
    for (Option option : options.options()) {
      reader.readMonitor(option);
    }
    boolean wantsDefault =
        options.has("nographic") && !options.has("nodefaults") && !options.has("monitor");
    if (wantsDefault && !reader.stdioTaken) {
      reader.addShort(new Option("monitor", "stdio"), new ChardevSpec.Stdio(true), Mode.HUMAN);
    }
    return new MonitorPlan(reader.devices.build(), reader.monitors.build());
  }

  /** What has been read so far. */
  private static final class Reader {
    private final ImmutableList.Builder<Device> devices = ImmutableList.builder();
    private final ImmutableList.Builder<Monitor> monitors = ImmutableList.builder();
    private final Set<String> ids = new HashSet<>();
    private final Set<String> busy = new HashSet<>();
    private boolean stdioTaken;
    private int unnamed;

    void readMonitor(Option option) throws OptionException {
      switch (option.name()) {
        case "monitor" -> readShort(option, Mode.HUMAN);
        case "qmp" -> readShort(option, Mode.MACHINE);
        case "qmp-pretty" -> readShort(option, Mode.MACHINE_PRETTY);
        case "mon" -> readLong(option);
        default -> {}
      }
    }

    private void readShort(Option option, Mode mode) throws OptionException {
      if (option.argument().startsWith("chardev:")) {
        addMonitor(option.argument().substring("chardev:".length()), mode, option);
        return;
      }
      Optional<ChardevSpec> spec = option.read(ChardevSyntax::parseShort);
      if (spec.isPresent()) {
        addShort(option, spec.get(), mode);
      }
    }

    void addShort(Option option, ChardevSpec spec, Mode mode) throws OptionException {
      String id = "compat_monitor" + unnamed++;
      addDevice(id, spec, option);
      addMonitor(id, mode, option);
    }

    private void readLong(Option option) throws OptionException {
      KeyValueList list = KeyValueList.parse(option.argument(), "chardev");
      Mode mode =
          option.read(
              text -> {
                list.refuseUnknown(Set.of("chardev", "mode", "pretty", "id"));
                return mode(list);
              });
      String device = option.read(text -> list.required("chardev"));
      addMonitor(device, mode, option);
    }

    private static Mode mode(KeyValueList list) throws OptionException {
      boolean pretty = list.bool("pretty", false);
      String mode = list.last("mode").orElse("readline");
      switch (mode) {
        case "control" -> {
          return pretty ? Mode.MACHINE_PRETTY : Mode.MACHINE;
        }
        case "readline" -> {
          if (pretty) {
            throw new OptionException("'pretty' is not compatible with HMP monitors");
          }
          return Mode.HUMAN;
        }
        default ->
            throw new OptionException("Parameter 'mode' does not accept value '" + mode + "'");
      }
    }

    void addDevice(String id, ChardevSpec spec, Option option) throws OptionException {
      if (!ids.add(id)) {
        throw option.mistake("Duplicate ID '" + id + "' for chardev");
      }
      if (spec instanceof ChardevSpec.Stdio) {
        if (stdioTaken) {
          throw option.mistake("cannot use stdio by multiple character devices");
        }
        stdioTaken = true;
      }
      devices.add(new Device(id, spec, option));
    }

    private void addMonitor(String device, Mode mode, Option option) throws OptionException {
      if (!ids.contains(device)) {
        throw option.mistake("chardev \"" + device + "\" not found");
      }
      if (!busy.add(device)) {
        throw option.mistake("Device '" + device + "' is in use");
      }
      monitors.add(new Monitor(device, mode, option));
    }
  }
}
