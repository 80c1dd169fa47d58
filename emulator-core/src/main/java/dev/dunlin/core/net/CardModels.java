package dev.dunlin.core.net;

/** Second names of network cards. */
final class CardModels {
  private CardModels() {}

  static String canonical(String model) {
    return switch (model) {
      case "virtio", "virtio-net" -> "virtio-net-pci";
      default -> model;
    };
  }

  /** The object that has a card's network properties: for virtio, the device behind the PCI one. */
  static String propertyOwner(String driver) {
    return driver.startsWith("virtio-net") ? "virtio-net-device" : driver;
  }
}
