package dev.dunlin.core.net;

import java.util.ArrayList;
import java.util.List;

/** A hub: every port hears every other. Loop thread. */
final class Hub {
  private final int id;
  private final List<NetClient> ports = new ArrayList<>();
  private int portsMade;

  Hub(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }

  /** Newest first, as QEMU lists them. */
  List<NetClient> ports() {
    return ports;
  }

  /** A port under the hub's own name for it. */
  NetClient addPort() {
    return addPort("hub" + id + "port" + portsMade, false);
  }

  NetClient addPort(String name, boolean netdev) {
    NetClient port = new NetClient(name, new NetClient.Kind.Port(this), netdev);
    portsMade++;
    ports.add(0, port);
    return port;
  }
}
