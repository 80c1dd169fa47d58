package dev.dunlin.launcher.guest;

/** A network card of QEMU's that the guest has a driver for. */
enum Card {
  VIRTIO("virtio-net-pci"),
  E1000("e1000");

  private final String model;

  Card(String model) {
    this.model = model;
  }

  /** {@code -device}'s value. No boot ROM: the kernel is given. */
  String device(String netdev) {
    return booting(netdev) + ",romfile=";
  }

  /** With QEMU's own ROM, which boots from the network. */
  String booting(String netdev) {
    return model + ",netdev=" + netdev;
  }
}
