package dev.dunlin.core.machine;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.machine.MachineType.Family;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who sits where on PCI bus 0: a card's place is part of its memory's name in the stream. */
final class PciSlots {
  private static final int SLOTS = 32;

  /** {@code slot[.function]} in hexadecimal (hw/core/qdev-properties-system.c). */
  private static final Pattern ADDRESS = Pattern.compile("([0-9a-fA-F]{1,2})(?:\\.([0-7]))?");

  private final Map<Integer, String> taken = new TreeMap<>();

  PciSlots(Family family) {
    switch (family) {
      case I440FX, PC_0_12 -> {
        taken.put(0, "i440FX");
        taken.put(1, "PIIX3");
      }
      case Q35 -> {
        taken.put(0, "mch");
        taken.put(31, "ICH9-LPC");
      }
      case ISA, NONE -> {}
    }
  }

  /** Passes over as many free slots, for cards that are named elsewhere. */
  void skip(int count) {
    for (int i = 0; i < count; i++) {
      takeFree("nic");
    }
  }

  /** The first free slot, function 0: {@code 0000:00:02.0}. */
  String takeFree(String driver) {
    for (int slot = 0; slot < SLOTS; slot++) {
      if (taken.putIfAbsent(slot, driver) == null) {
        return name(slot, 0);
      }
    }
    throw new IllegalStateException("no free PCI slot for " + driver);
  }

  /** The slot that the user wants. */
  String take(String driver, String address, DeviceProperties properties) throws OptionException {
    Matcher matcher = ADDRESS.matcher(address);
    int slot = matcher.matches() ? Integer.parseInt(matcher.group(1), 16) : SLOTS;
    if (slot >= SLOTS) {
      throw properties.mistake(
          "Property '" + driver + ".addr' doesn't take value '" + address + "'");
    }
    int function = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    String holder = taken.putIfAbsent(slot, driver);
    if (holder != null) {
      throw properties.mistake(
          "PCI: slot %d function %d not available for %s, in use by %s,id=(null)"
              .formatted(slot, function, driver, holder));
    }
    return name(slot, function);
  }

  private static String name(int slot, int function) {
    return "0000:00:%02x.%x".formatted(slot, function);
  }
}
