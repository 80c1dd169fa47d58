package dev.dunlin.core.net;

import com.google.common.base.Joiner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One end of a connection: a backend, a card, or a hub's port. Loop thread. */
final class NetClient {

  /** What it is, with what only that has. */
  sealed interface Kind {
    /** A card of the guest; {@code model} and address. */
    record Card(String model, MacAddress mac) implements Kind {}

    record Port(Hub hub) implements Kind {}

    record Backend(String type, NetBackend backend) implements Kind {}
  }

  private final String name;
  private final Kind kind;

  /** Made by {@code -netdev}, {@code -nic} or {@code netdev_add}: may be deleted. */
  private final boolean netdev;

  private final List<FilterDump> filters = new ArrayList<>();

  /** Frames lost on the way, rather than by the backend or the card itself. */
  private final LinkDrops cable = new LinkDrops();

  private @Nullable NetClient peer;

  /** Written on the loop thread; looked at by whoever saves the machine. */
  private volatile @Nullable NetThread thread;

  private @Nullable NicPort nic;
  private boolean linkDown;

  NetClient(String name, Kind kind, boolean netdev) {
    this.name = name;
    this.kind = kind;
    this.netdev = netdev;
  }

  String name() {
    return name;
  }

  Kind kind() {
    return kind;
  }

  boolean isNetdev() {
    return netdev;
  }

  boolean isCard() {
    return kind instanceof Kind.Card;
  }

  Optional<NetClient> peer() {
    return Optional.ofNullable(peer);
  }

  /** Where its frames run; empty for a hub's port, and for a card that nobody emulates. */
  Optional<NetThread> thread() {
    return Optional.ofNullable(thread);
  }

  void setThread(NetThread home) {
    thread = home;
  }

  /** The embedder's side of a card. */
  Optional<NicPort> nic() {
    return Optional.ofNullable(nic);
  }

  void embody(NicPort port) {
    nic = port;
  }

  /** Whether frames begin and end here. */
  boolean isStation() {
    return kind instanceof Kind.Backend || nic != null;
  }

  /** In the order in which {@code info network} shows them. */
  List<FilterDump> filters() {
    return filters;
  }

  LinkDrops cable() {
    return cable;
  }

  /** Everything that was dropped here, by reason. */
  Map<String, Long> drops() {
    Map<String, Long> all = new TreeMap<>(cable.nonZero());
    if (kind instanceof Kind.Backend backend) {
      backend.backend().drops().forEach((reason, count) -> all.merge(reason, count, Long::sum));
    }
    NicPort card = nic;
    if (card != null) {
      all.putAll(card.drops());
    }
    return all;
  }

  boolean isLinkDown() {
    return linkDown;
  }

  void setLinkDown(boolean down) {
    linkDown = down;
  }

  static void connect(NetClient one, NetClient other) {
    one.peer = other;
    other.peer = one;
    one.tellBackend();
    other.tellBackend();
  }

  void disconnect() {
    peer = null;
    tellBackend();
  }

  private void tellBackend() {
    if (kind instanceof Kind.Backend backend) {
      backend.backend().connectedTo(hub());
    }
  }

  /** The hub that this is a port of, or whose port is its peer. */
  OptionalInt hub() {
    if (kind instanceof Kind.Port port) {
      return OptionalInt.of(port.hub().id());
    }
    NetClient other = peer;
    return other != null && other.kind instanceof Kind.Port port
        ? OptionalInt.of(port.hub().id())
        : OptionalInt.empty();
  }

  /** Its line in {@code info network}. */
  String line() {
    StringBuilder text = new StringBuilder(name + ": index=0,type=" + typeAndInfo() + "\n");
    Map<String, Long> drops = drops();
    if (!drops.isEmpty()) {
      text.append("dropped: ").append(Joiner.on(',').withKeyValueSeparator('=').join(drops));
      text.append('\n');
    }
    if (!filters.isEmpty()) {
      text.append("filters:\n");
      filters.forEach(filter -> text.append("  - ").append(filter.line()).append('\n'));
    }
    return text.toString();
  }

  /** As {@code info network} calls it. */
  String type() {
    return kind instanceof Kind.Backend backend
        ? backend.type()
        : kind instanceof Kind.Card ? "nic" : "hubport";
  }

  /** What stands behind the type. */
  String info() {
    if (kind instanceof Kind.Card card) {
      return "model=" + card.model() + ",macaddr=" + card.mac();
    }
    return kind instanceof Kind.Backend backend ? backend.backend().info() : "";
  }

  private String typeAndInfo() {
    return type() + "," + info();
  }
}
