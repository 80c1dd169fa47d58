package dev.dunlin.core.net;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.cli.CoreConfig;
import dev.dunlin.core.cli.DeviceOption;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.NumberText;
import dev.dunlin.core.cli.Numbers;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the network options of a command line into a {@link Network}, in QEMU's order: the grammar
 * and ids of all; then each {@code -netdev}, each {@code -nic}, each {@code -net}; then the cards
 * of the machine; then those of {@code -device}.
 */
final class NetworkReader {
  private static final int MAX_CARDS = 8;

  /** The types of QEMU 7.2 that nothing here implements. */
  private static final ImmutableSet<String> ABSENT_TYPES =
      ImmutableSet.of(
          "none",
          "nic",
          "tap",
          "bridge",
          "socket",
          "stream",
          "dgram",
          "l2tpv3",
          "vde",
          "vhost-user",
          "vhost-vdpa");

  private static final ImmutableSet<String> NIC_KEYS =
      ImmutableSet.of(
          "type", "id", "netdev", "macaddr", "model", "addr", "vectors", "vlan", "name");

  private static final ImmutableSet<String> CARD_PROPERTIES =
      ImmutableSet.of("netdev", "mac", "addr", "bus", "bootindex", "romfile", "romsize");

  private final Network network;
  private final ImmutableMap<String, NetBackendFactory> factories;
  private final boolean machineHasCards;

  /** Cards that {@code -nic} and {@code -net nic} ask the machine for, in order. */
  private final List<CardRequest> requests = new ArrayList<>();

  /** Which option made which client. */
  private final Map<String, Option> origins = new HashMap<>();

  private final List<FilterSpec> filters = new ArrayList<>();

  private final List<String> warnings = new ArrayList<>();

  private record CardRequest(String name, Optional<String> model, MacAddress mac, NetClient peer) {}

  NetworkReader(
      Network network, ImmutableMap<String, NetBackendFactory> factories, boolean machineHasCards) {
    this.network = network;
    this.factories = factories;
    this.machineHasCards = machineHasCards;
  }

  /** One option after the grammar. */
  private record Item(Option option, KeyValueList list, Optional<String> id) {}

  void read(ParsedOptions options) throws OptionException {
    boolean given = options.has("net") || options.has("netdev") || options.has("nic");
    List<Item> nets = items(options, "net", "type");
    List<Item> netdevs = items(options, "netdev", "type");
    List<Item> nics = items(options, "nic", "type");
    for (Item item : netdevs) {
      NetClient made = item.option.read(text -> addNetdev(item.list));
      origins.put(made.name(), item.option);
    }
    for (Item item : nics) {
      Optional<NetClient> made = item.option.read(text -> addNic(item));
      made.ifPresent(client -> origins.put(client.name(), item.option));
    }
    for (Item item : nets) {
      Optional<NetClient> made = item.option.read(text -> addNet(item));
      made.ifPresent(client -> origins.put(client.name(), item.option));
    }
    if (!given && !options.has("nodefaults")) {
      addNet(defaultItem("nic"));
      addNet(defaultItem("user"));
    }
    makeCards();
    for (Option option : options.occurrences("device")) {
      addDevice(DeviceOption.read(option));
    }
    for (Option option : options.occurrences("object")) {
      addFilter(option);
    }
    if (given) {
      warnings.addAll(0, network.warnings());
    } else {
      warnings.clear();
    }
    for (NetBackendFactory factory : factories.values()) {
      factory.checkUnused();
    }
  }

  private void addFilter(Option option) throws OptionException {
    KeyValueList list = option.read(text -> KeyValueList.parseStrict(text, "qom-type"));
    if (list.last("qom-type").filter(FilterSpec.TYPE::equals).isPresent()) {
      FilterSpec filter = option.read(text -> FilterSpec.read(list));
      filter.check();
      if (network.netdev(filter.netdev()).isEmpty()) {
        throw Filters.noNetdev();
      }
      filters.add(filter);
    }
  }

  /** Checked, in the order in which they were given. */
  List<FilterSpec> filters() {
    return filters;
  }

  /** A mistake that showed when a backend started, with the option that made it before it. */
  OptionException located(String name, OptionException mistake) {
    Option option = origins.get(name);
    return option == null ? mistake : option.mistake(String.valueOf(mistake.getMessage()));
  }

  /** In QEMU's words and order; for the log when the machine starts. */
  List<String> warnings() {
    return warnings;
  }

  private static Item defaultItem(String type) {
    return new Item(new Option("net", type), KeyValueList.parse(type, "type"), Optional.empty());
  }

  private static List<Item> items(ParsedOptions options, String name, String impliedKey)
      throws OptionException {
    List<Item> items = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Option option : options.occurrences(name)) {
      KeyValueList list = KeyValueList.parse(option.argument(), impliedKey);
      Optional<String> id = option.read(text -> list.id());
      if (id.isPresent() && !ids.add(id.get())) {
        throw option.mistake("Duplicate ID '" + id.get() + "' for " + name);
      }
      items.add(new Item(option, list, id));
    }
    return items;
  }

  /** {@code -netdev}, and {@code netdev_add}: an id and a type are needed. */
  NetClient addNetdev(KeyValueList list) throws OptionException {
    list.required("id");
    String id = list.id().orElseThrow();
    String type = list.required("type");
    checkFree(id);
    return addBackend(type, id, list.without("type").without("id"));
  }

  private void checkFree(String id) throws OptionException {
    if (network.netdev(id).isPresent()) {
      throw new OptionException("Duplicate ID '" + id + "'");
    }
  }

  private NetClient addBackend(String type, String name, KeyValueList options)
      throws OptionException {
    if (type.equals("hubport")) {
      return addHubPort(name, options);
    }
    return network.addBackend(name, type, factory(type).create(name, options), true);
  }

  private NetBackendFactory factory(String type) throws OptionException {
    NetBackendFactory factory = factories.get(type);
    if (factory != null) {
      return factory;
    }
    throw new OptionException(
        ABSENT_TYPES.contains(type)
            ? "network backend '" + type + "' is not compiled into this binary"
            : "Parameter 'type' does not accept value '" + type + "'");
  }

  private NetClient addHubPort(String name, KeyValueList options) throws OptionException {
    int hub = hubId("hubid", options.required("hubid"));
    options.refuseUnknown(Set.of("hubid", "netdev"));
    Optional<NetClient> peer = Optional.empty();
    if (options.has("netdev")) {
      peer = Optional.of(freePeer(options.required("netdev")));
    }
    NetClient port = network.addPort(network.hub(hub), name);
    peer.ifPresent(other -> NetClient.connect(port, other));
    return port;
  }

  private static int hubId(String key, String text) throws OptionException {
    if (!(Numbers.parse(text) instanceof NumberText.Value value)) {
      throw new OptionException("Parameter '" + key + "' expects an int64 value");
    }
    if (value.bits() != (int) value.bits()) {
      throw new OptionException("Parameter '" + key + "' expects int32_t");
    }
    return (int) value.bits();
  }

  private NetClient freePeer(String name) throws OptionException {
    NetClient peer =
        network
            .netdev(name)
            .orElseThrow(() -> new OptionException("netdev '" + name + "' not found"));
    if (peer.peer().isPresent()) {
      throw new OptionException("netdev '" + name + "' is in use");
    }
    return peer;
  }

  /** {@code -nic}: a backend and a card in one. */
  private Optional<NetClient> addNic(Item item) throws OptionException {
    KeyValueList list = item.list;
    if (list.last("type").filter("none"::equals).isPresent()) {
      return Optional.empty();
    }
    refuseTooMany("Too many NICs");
    MacAddress mac = mac(list.last("mac").orElse(""), "NIC cannot have multicast MAC address");
    String type = list.last("type").orElse("user");
    String name = item.id.isPresent() ? item.id.get() : network.nextName();
    checkFree(name);
    NetClient backend =
        addBackend(type, name, list.without("type").without("id").without("mac").without("model"));
    request(name, list.last("model"), mac, backend);
    return Optional.of(backend);
  }

  private Optional<NetClient> addNet(Item item) throws OptionException {
    KeyValueList list = item.list;
    String type = list.required("type");
    switch (type) {
      case "none" -> {
        list.refuseUnknown(Set.of("type", "id"));
        // It takes a name as every client does, and nobody ever sees it.
        legacyName(item);
        return Optional.empty();
      }
      case "nic" -> {
        addNetNic(item);
        return Optional.empty();
      }
      default -> {
        return Optional.of(addNetBackend(item, type));
      }
    }
  }

  private void addNetNic(Item item) throws OptionException {
    KeyValueList list = item.list;
    checkVectors(list);
    list.refuseUnknown(NIC_KEYS);
    refuseTooMany("too many NICs");
    String name = legacyName(item);
    NetClient peer =
        list.has("netdev")
            ? freeCardPeer(list.required("netdev"))
            : network.addPort(network.hub(vlan(list)));
    MacAddress mac =
        mac(
            list.last("macaddr").orElse(""),
            "NIC cannot have multicast MAC address (odd 1st byte)");
    request(name, list.last("model"), mac, peer);
  }

  /** The name of {@code -net}: {@code name=} was the spelling before {@code id=}. */
  private String legacyName(Item item) {
    return item.id.or(() -> item.list.last("name")).orElseGet(network::nextName);
  }

  private NetClient freeCardPeer(String name) throws OptionException {
    NetClient peer = freePeer(name);
    boolean asked = requests.stream().anyMatch(request -> request.peer == peer);
    if (asked) {
      throw new OptionException("netdev '" + name + "' is in use");
    }
    return peer;
  }

  private static void checkVectors(KeyValueList list) throws OptionException {
    if (!list.has("vectors")) {
      return;
    }
    if (!(Numbers.parse(list.required("vectors")) instanceof NumberText.Value value)) {
      throw new OptionException("Parameter 'vectors' expects a uint64 value");
    }
    if (value.bits() >>> 32 != 0) {
      throw new OptionException("Parameter 'vectors' expects uint32_t");
    }
  }

  private NetClient addNetBackend(Item item, String type) throws OptionException {
    KeyValueList list = item.list;
    if (type.equals("hubport")) {
      throw new OptionException("network backend 'hubport' is only supported with -netdev/-nic");
    }
    NetBackendFactory factory = factory(type);
    String name = legacyName(item);
    checkFree(name);
    int hub = vlan(list);
    NetBackend backend =
        factory.create(name, list.without("type").without("id").without("vlan").without("name"));
    NetClient port = network.addPort(network.hub(hub));
    NetClient client = network.addBackend(name, type, backend, false);
    NetClient.connect(port, client);
    return client;
  }

  /** {@code vlan=} was what hubs were called until QEMU 2.12. */
  private static int vlan(KeyValueList list) throws OptionException {
    return list.has("vlan") ? hubId("vlan", list.required("vlan")) : 0;
  }

  private void refuseTooMany(String sentence) throws OptionException {
    if (requests.size() >= MAX_CARDS) {
      throw new OptionException(sentence);
    }
  }

  private void request(String name, Optional<String> model, MacAddress mac, NetClient peer) {
    MacAddress address = network.takeAddress(mac);
    requests.add(new CardRequest(name, model, address, peer));
  }

  private static MacAddress mac(String text, String multicast) throws OptionException {
    MacAddress mac =
        MacAddress.parse(text)
            .orElseThrow(() -> new OptionException("invalid syntax for ethernet address"));
    if (mac.isMulticast()) {
      throw new OptionException(multicast);
    }
    return mac;
  }

  private void makeCards() throws OptionException {
    for (CardRequest request : requests) {
      if (!machineHasCards) {
        warnings.add(
            "requested NIC ("
                + request.name
                + ", model "
                + request.model.orElse("unspecified")
                + ") was not created (not supported by this machine?)");
        continue;
      }
      String model = CardModels.canonical(request.model.orElse("e1000"));
      if (!CoreConfig.NIC_MODELS.contains(model)) {
        throw new OptionException("Unsupported NIC model: " + request.model.orElse(""));
      }
      NetClient.connect(network.addCard(Optional.empty(), model, request.mac), request.peer);
    }
  }

  private void addDevice(DeviceOption device) throws OptionException {
    if (!CoreConfig.NIC_MODELS.contains(device.driver())) {
      return;
    }
    for (KeyValueList.Entry property : device.properties().entries()) {
      if (!CARD_PROPERTIES.contains(property.key())) {
        throw device.noProperty(property.key());
      }
    }
    String model = CardModels.canonical(device.driver());
    Optional<String> mac = device.properties().last("mac");
    Optional<MacAddress> address = mac.isEmpty() ? Optional.empty() : MacAddress.parse(mac.get());
    if (mac.isPresent() && address.isEmpty()) {
      throw propertyMistake(device, "mac", "doesn't take value '" + mac.get() + "'");
    }
    Optional<NetClient> peer = devicePeer(device);
    MacAddress taken = network.takeAddress(address.orElse(new MacAddress(0)));
    NetClient card = network.addCard(device.id(), model, taken);
    peer.ifPresent(other -> NetClient.connect(card, other));
  }

  private Optional<NetClient> devicePeer(DeviceOption device) throws OptionException {
    Optional<String> name = device.properties().last("netdev");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<NetClient> peer = network.netdev(name.get());
    if (peer.isEmpty()) {
      throw propertyMistake(device, "netdev", "can't find value '" + name.get() + "'");
    }
    if (peer.get().peer().isPresent()) {
      throw propertyMistake(device, "netdev", "can't take value '" + name.get() + "', it's in use");
    }
    return peer;
  }

  private static OptionException propertyMistake(
      DeviceOption device, String property, String what) {
    String owner = CardModels.propertyOwner(device.driver());
    return device.option().mistake("Property '" + owner + "." + property + "' " + what);
  }
}
