package dev.dunlin.core.net;

import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.net.NetClient.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Every client and hub of an emulator, and how they are connected. Loop thread. */
final class Network {
  private final RandomGenerator random;
  private final List<NetClient> clients = new ArrayList<>();
  private volatile List<NetClient> placed = List.of();
  private final List<Hub> hubs = new ArrayList<>();
  private final MacAddresses addresses = new MacAddresses();
  private int namesGiven;

  Network(RandomGenerator random) {
    this.random = random;
  }

  /** The clients that were there after the last change. Any thread. */
  List<NetClient> placed() {
    return placed;
  }

  List<NetClient> clients() {
    return List.copyOf(clients);
  }

  List<NetClient> backends() {
    return clients.stream().filter(client -> client.kind() instanceof Kind.Backend).toList();
  }

  /** A name for what the user gave none: {@code #net042}, 42 at random (util/id.c). */
  String nextName() {
    return String.format(Locale.ROOT, "#net%d%02d", namesGiven++, random.nextInt(100));
  }

  MacAddress takeAddress(MacAddress wanted) {
    return addresses.take(wanted);
  }

  /** The hub of this number; a new one when there is none. */
  Hub hub(int id) {
    return hubs.stream().filter(hub -> hub.id() == id).findFirst().orElseGet(() -> newHub(id));
  }

  private Hub newHub(int id) {
    Hub hub = new Hub(id);
    hubs.add(0, hub);
    return hub;
  }

  NetClient addPort(Hub hub) {
    return add(hub.addPort());
  }

  NetClient addPort(Hub hub, String name) {
    return add(hub.addPort(name, true));
  }

  NetClient addBackend(String name, String type, NetBackend backend, boolean netdev) {
    return add(new NetClient(name, new Kind.Backend(type, backend), netdev));
  }

  /** A card; without an id its name is the model and how many of them there were. */
  NetClient addCard(Optional<String> id, String model, MacAddress mac) {
    String name = id.orElseGet(() -> model + "." + cardsOf(model));
    return add(new NetClient(name, new Kind.Card(model, mac), false));
  }

  private long cardsOf(String model) {
    return clients.stream()
        .filter(client -> client.kind() instanceof Kind.Card card && card.model().equals(model))
        .count();
  }

  private NetClient add(NetClient client) {
    clients.add(client);
    placed = List.copyOf(clients);
    return client;
  }

  /** What isn't a card, by name. */
  Optional<NetClient> netdev(String name) {
    return clients.stream()
        .filter(client -> !client.isCard() && client.name().equals(name))
        .findFirst();
  }

  /** Takes a netdev out; a card that it was connected to keeps showing it, as in QEMU. */
  NetClient remove(String name) throws MonitorException {
    NetClient client =
        netdev(name)
            .orElseThrow(
                () -> new MonitorException("DeviceNotFound", "Device '" + name + "' not found"));
    if (!client.isNetdev()) {
      throw new MonitorException("Device '" + name + "' is not a netdev");
    }
    forget(client);
    client
        .peer()
        .ifPresent(
            peer -> {
              peer.setLinkDown(true);
              if (!peer.isCard()) {
                peer.disconnect();
              }
            });
    return client;
  }

  /** Takes a client out of the lists. */
  void forget(NetClient client) {
    clients.remove(client);
    placed = List.copyOf(clients);
    if (client.kind() instanceof Kind.Port port) {
      port.hub().ports().remove(client);
    }
  }

  /** Plugs the cable of a client in or out. */
  void setLink(String name, boolean up) throws MonitorException {
    List<NetClient> named = clients.stream().filter(client -> client.name().equals(name)).toList();
    if (named.isEmpty()) {
      throw new MonitorException("DeviceNotFound", "Device '" + name + "' not found");
    }
    for (NetClient client : named) {
      client.setLinkDown(!up);
      if (!client.isCard()) {
        client.peer().filter(NetClient::isCard).ifPresent(card -> card.setLinkDown(!up));
      }
    }
  }

  /** {@code info network} (hmp_info_network in net/net.c, net_hub_info in net/hub.c). */
  String info() {
    StringBuilder text = new StringBuilder();
    for (Hub hub : hubs) {
      text.append("hub ").append(hub.id()).append('\n');
      for (NetClient port : hub.ports()) {
        text.append(" \\ ").append(port.name());
        text.append(port.peer().map(peer -> ": " + peer.line()).orElse("\n"));
      }
    }
    for (NetClient client : clients) {
      if (client.hub().isPresent()) {
        continue;
      }
      if (client.peer().isEmpty() || client.isCard()) {
        text.append(client.line());
      }
      if (client.isCard()) {
        client.peer().ifPresent(peer -> text.append(" \\ ").append(peer.line()));
      }
    }
    return text.toString();
  }

  /** What is connected to nothing (net_check_clients). */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    for (Hub hub : hubs) {
      boolean cards = false;
      boolean backends = false;
      for (NetClient port : hub.ports()) {
        if (port.peer().isEmpty()) {
          warnings.add("hub port " + port.name() + " has no peer");
        }
        cards |= port.peer().filter(NetClient::isCard).isPresent();
        backends |= port.peer().filter(peer -> !peer.isCard()).isPresent();
      }
      if (backends && !cards) {
        warnings.add("hub " + hub.id() + " with no nics");
      }
      if (cards && !backends) {
        warnings.add("hub " + hub.id() + " is not connected to host network");
      }
    }
    for (NetClient client : clients) {
      if (client.peer().isEmpty()) {
        warnings.add((client.isCard() ? "nic " : "netdev ") + client.name() + " has no peer");
      }
    }
    return warnings;
  }
}
