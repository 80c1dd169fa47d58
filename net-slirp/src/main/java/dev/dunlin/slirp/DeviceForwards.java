package dev.dunlin.slirp;

import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.chardev.ChardevSpec;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.slirp.forward.GuestForwardRule;
import dev.dunlin.slirp.forward.GuestForwardRule.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The character devices behind the guest forwards of one network: opened when it starts, gone when
 * it ends, those of {@code -chardev} too, as in QEMU. On the emulator's loop.
 */
final class DeviceForwards {
  private final EmulatorHost emulator;
  private final Map<GuestForwardRule, SharedDevice> devices = new LinkedHashMap<>();
  private final Map<GuestForwardRule, GuestServer> servers = new LinkedHashMap<>();

  DeviceForwards(EmulatorHost emulator) {
    this.emulator = emulator;
  }

  /** Opens the rule's device, if it is one. What is open stays so when another fails. */
  void open(GuestForwardRule rule) throws OptionException {
    Optional<Chardev> device = device(rule);
    if (device.isPresent()) {
      SharedDevice shared = new SharedDevice(device.get(), emulator.loop());
      devices.put(rule, shared);
      servers.put(rule, shared.open());
    }
  }

  private Optional<Chardev> device(GuestForwardRule rule) throws OptionException {
    if (rule.target() instanceof Target.Device device) {
      return Optional.of(make(rule, device.spec()));
    }
    if (rule.target() instanceof Target.NamedDevice named) {
      return Optional.of(find(rule, named.id()));
    }
    return Optional.empty();
  }

  private Chardev make(GuestForwardRule rule, ChardevSpec spec) throws OptionException {
    Chardev device;
    try {
      device = emulator.chardevs().add(freeId(rule.label()), spec);
    } catch (OptionException e) {
      throw rule.notOpened(String.valueOf(e.getMessage()));
    }
    if (spec instanceof ChardevSpec.Socket socket
        && socket.waits()
        && !emulator.run().isRunning()) {
      emulator
          .chardevs()
          .notice("guestfwd " + rule.text() + ": waiting for connection on: " + device.filename());
      emulator.run().holdStart(device.ready());
    }
    return device;
  }

  /** Two networks may forward the same port. */
  private String freeId(String label) {
    String id = label;
    for (int i = 2; emulator.chardevs().find(id).isPresent(); i++) {
      id = label + "." + i;
    }
    return id;
  }

  private Chardev find(GuestForwardRule rule, String id) throws OptionException {
    Chardev device =
        emulator
            .chardevs()
            .find(id)
            .orElseThrow(() -> rule.notOpened("chardev \"" + id + "\" not found"));
    if (device.isBusy()) {
      throw new OptionException("Device '" + id + "' is in use");
    }
    return device;
  }

  /** What answers the rule's connections. Any thread, once the devices are open. */
  Optional<GuestServer> server(GuestForwardRule rule) {
    return Optional.ofNullable(servers.get(rule));
  }

  /** Gives the devices back and removes them; from another thread: when the loop comes to it. */
  void close() {
    if (emulator.loop().isLoopThread()) {
      closeNow();
    } else {
      emulator.loop().execute(this::closeNow);
    }
  }

  private void closeNow() {
    for (SharedDevice device : devices.values()) {
      device.close();
      emulator.chardevs().discard(device.device());
    }
    devices.clear();
  }
}
