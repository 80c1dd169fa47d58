package dev.dunlin.core.net;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code filter-dump} objects of a network, and the commands for them. Loop thread. */
final class Filters {
  private final Network network;
  private final Cabling cabling;
  private final Clock clock;

  Filters(Network network, Cabling cabling, Clock clock) {
    this.network = network;
    this.cabling = cabling;
    this.clock = clock;
  }

  static OptionException noNetdev() {
    return new OptionException("Parameter 'netdev' expects a network backend id");
  }

  /** Opens its file and puts it where it belongs; the caller updates the cabling. */
  void add(FilterSpec spec) throws OptionException {
    NetClient netdev = network.netdev(spec.netdev()).orElseThrow(Filters::noNetdev);
    List<FilterDump> there = netdev.filters();
    int at = spec.position().equals("head") ? 0 : there.size();
    if (spec.neighbour().isPresent()) {
      at = indexOf(there, spec.neighbour().get()) + (spec.insert().equals("behind") ? 1 : 0);
    }
    there.add(at, FilterDump.open(spec, clock));
  }

  private static int indexOf(List<FilterDump> filters, String id) throws OptionException {
    for (int i = 0; i < filters.size(); i++) {
      if (filters.get(i).spec().id().equals(id)) {
        return i;
      }
    }
    throw new OptionException("filter '" + id + "' not found");
  }

  void register(MonitorRegistry registry) {
    registry.addHmp(
        new HmpCommand(
            "object_add",
            "object:S",
            "[qom-type=]type,id=str[,prop=value][,...]",
            "create QOM object",
            this::hmpAdd));
    registry.addHmp(
        new HmpCommand(
            "object_del",
            "id:s",
            "id",
            "destroy QOM object",
            call -> delete(call.string("id").orElseThrow())));
    ImmutableList.Builder<Parameter> parameters = ImmutableList.builder();
    parameters.add(Parameter.required("qom-type", QmpType.STRING));
    parameters.add(Parameter.required("id", QmpType.STRING));
    for (String text :
        ImmutableList.of("netdev", "file", "position", "status", "insert", "queue")) {
      parameters.add(Parameter.optional(text, QmpType.STRING));
    }
    parameters.add(Parameter.optional("maxlen", QmpType.INT));
    registry.addQmp(new QmpCommand("object-add", parameters.build(), QmpType.EMPTY, this::qmpAdd));
    registry.addQmp(
        new QmpCommand(
            "object-del",
            ImmutableList.of(Parameter.required("id", QmpType.STRING)),
            QmpType.EMPTY,
            call -> {
              delete(call.string("id").orElseThrow());
              return Map.of();
            }));
  }

  private void hmpAdd(HmpCall call) throws MonitorException {
    try {
      addByMonitor(KeyValueList.parseStrict(call.string("object").orElseThrow(), "qom-type"));
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private Object qmpAdd(QmpCall call) throws MonitorException {
    try {
      addByMonitor(QmpNetdev.toList(call.arguments()));
      return Map.of();
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private void addByMonitor(KeyValueList list) throws OptionException {
    String type = list.required("qom-type");
    if (!type.equals(FilterSpec.TYPE)) {
      throw new OptionException("Parameter 'qom-type' does not accept value '" + type + "'");
    }
    FilterSpec spec = FilterSpec.read(list);
    spec.check();
    if (find(spec.id()).isPresent()) {
      throw new OptionException(
          "attempt to add duplicate property '" + spec.id() + "' to object (type 'container')");
    }
    add(spec);
    cabling.update();
  }

  private void delete(String id) throws MonitorException {
    NetClient netdev =
        find(id).orElseThrow(() -> new MonitorException("object '" + id + "' not found"));
    for (FilterDump filter : List.copyOf(netdev.filters())) {
      if (filter.spec().id().equals(id)) {
        netdev.filters().remove(filter);
        cabling.update();
        filter.close();
      }
    }
  }

  private Optional<NetClient> find(String id) {
    return network.clients().stream()
        .filter(client -> client.filters().stream().anyMatch(f -> f.spec().id().equals(id)))
        .findFirst();
  }
}
