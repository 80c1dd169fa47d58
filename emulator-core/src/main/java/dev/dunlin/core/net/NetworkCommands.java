package dev.dunlin.core.net;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.net.NetClient.Kind;
import dev.dunlin.core.posix.PosixException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** {@code info network}, {@code set_link}, {@code netdev_add}, {@code netdev_del}. Loop thread. */
final class NetworkCommands {
  private static final QmpType DROP =
      new QmpType.Struct(
          "XNetworkDrop",
          ImmutableList.of(
              Parameter.required("reason", QmpType.STRING),
              Parameter.required("count", QmpType.INT)));

  private static final QmpType CLIENT =
      new QmpType.Struct(
          "XNetworkClient",
          ImmutableList.of(
              Parameter.required("name", QmpType.STRING),
              Parameter.required("type", QmpType.STRING),
              Parameter.required("info", QmpType.STRING),
              Parameter.optional("peer", QmpType.STRING),
              Parameter.optional("hub", QmpType.INT),
              Parameter.required("link-up", QmpType.BOOL),
              Parameter.required("drops", new QmpType.ListOf(DROP))));

  private final Network network;
  private final NetworkReader reader;
  private final Cabling cabling;
  private final MainLoop loop;

  NetworkCommands(Network network, NetworkReader reader, Cabling cabling, MainLoop loop) {
    this.network = network;
    this.reader = reader;
    this.cabling = cabling;
    this.loop = loop;
  }

  void register(MonitorRegistry registry, ImmutableList<NetBackendFactory> factories) {
    registry.addInfo(
        new HmpCommand(
            "network", "", "", "show the network state", call -> call.print(network.info())));
    registry.addHmp(
        new HmpCommand(
            "set_link",
            "name:s,up:b",
            "name on|off",
            "change the link status of a network adapter",
            call -> setLink(call.string("name").orElseThrow(), call.flag("up"))));
    registry.addHmp(
        new HmpCommand(
            "netdev_add",
            "netdev:O",
            "[user|tap|socket|stream|dgram|hubport],id=str[,prop=value][,...]",
            "add host network device",
            this::hmpAdd));
    registry.addHmp(
        new HmpCommand("netdev_del", "id:s", "id", "remove host network device", this::hmpDelete));
    registry.addQmp(
        new QmpCommand(
            "set_link",
            ImmutableList.of(
                Parameter.required("name", QmpType.STRING), Parameter.required("up", QmpType.BOOL)),
            QmpType.EMPTY,
            call -> {
              setLink(call.string("name").orElseThrow(), call.bool("up").orElseThrow());
              return Map.of();
            }));
    registry.addQmp(
        new QmpCommand(
            "x-query-network",
            ImmutableList.of(),
            new QmpType.ListOf(CLIENT),
            call -> network.clients().stream().map(NetworkCommands::data).toList()));
    registry.addQmp(
        new QmpCommand("netdev_add", addParameters(factories), QmpType.EMPTY, this::qmpAdd));
    registry.addQmp(
        new QmpCommand(
            "netdev_del",
            ImmutableList.of(Parameter.required("id", QmpType.STRING)),
            QmpType.EMPTY,
            this::qmpDelete));
  }

  private static Map<String, Object> data(NetClient client) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", client.name());
    data.put("type", client.type());
    data.put("info", client.info());
    client.peer().ifPresent(peer -> data.put("peer", peer.name()));
    client.hub().ifPresent(hub -> data.put("hub", (long) hub));
    data.put("link-up", !client.isLinkDown());
    data.put(
        "drops",
        client.drops().entrySet().stream()
            .map(drop -> Map.of("reason", drop.getKey(), "count", drop.getValue()))
            .toList());
    return data;
  }

  private void setLink(String name, boolean up) throws MonitorException {
    network.setLink(name, up);
    cabling.update();
  }

  /** Those of every type: which of them belong together is checked with the words of the type. */
  private static ImmutableList<Parameter> addParameters(
      ImmutableList<NetBackendFactory> factories) {
    Map<String, Parameter> byName = new LinkedHashMap<>();
    byName.put("type", Parameter.required("type", QmpType.STRING));
    byName.put("id", Parameter.required("id", QmpType.STRING));
    byName.put("hubid", Parameter.optional("hubid", QmpType.INT));
    byName.put("netdev", Parameter.optional("netdev", QmpType.STRING));
    for (NetBackendFactory factory : factories) {
      factory.qmpParameters().forEach(p -> byName.putIfAbsent(p.name(), p));
    }
    return ImmutableList.copyOf(byName.values());
  }

  private void hmpAdd(HmpCall call) throws MonitorException {
    KeyValueList list = KeyValueList.parse(call.string("netdev").orElseThrow(), "type");
    HmpCall.Suspension suspension = call.suspend();
    add(list)
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                suspension.print("Error: " + sentence(failure) + "\n");
              }
              suspension.resume();
            });
  }

  private Object qmpAdd(QmpCall call) throws MonitorException {
    QmpCall.Deferred deferred = call.defer();
    add(QmpNetdev.toList(call.arguments()))
        .whenComplete((nothing, failure) -> answer(deferred, failure));
    return deferred;
  }

  private CompletionStage<Void> add(KeyValueList list) {
    NetClient client;
    try {
      refuseTaken(list);
      client = reader.addNetdev(list);
    } catch (OptionException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (!(client.kind() instanceof Kind.Backend backend)) {
      cabling.update();
      return CompletableFuture.completedFuture(null);
    }
    try {
      cabling.place();
    } catch (PosixException e) {
      network.forget(client);
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    backend
        .backend()
        .start()
        .whenComplete(
            (nothing, failure) ->
                loop.execute(() -> finishAdd(client, backend.backend(), failure, done)));
    return done;
  }

  private void finishAdd(
      NetClient client,
      NetBackend backend,
      @Nullable Throwable failure,
      CompletableFuture<Void> done) {
    cabling.update();
    if (failure == null) {
      done.complete(null);
      return;
    }
    network.forget(client);
    end(client, backend).whenComplete((nothing, late) -> done.completeExceptionally(failure));
  }

  private void refuseTaken(KeyValueList list) throws OptionException {
    String id = list.id().orElse("");
    if (network.netdev(id).filter(NetClient::isNetdev).isPresent()) {
      throw new OptionException("Duplicate ID '" + id + "' for netdev");
    }
  }

  private void hmpDelete(HmpCall call) throws MonitorException {
    CompletionStage<Void> stopped = delete(call.string("id").orElseThrow());
    HmpCall.Suspension suspension = call.suspend();
    stopped.whenComplete((nothing, failure) -> suspension.resume());
  }

  private Object qmpDelete(QmpCall call) throws MonitorException {
    CompletionStage<Void> stopped = delete(call.string("id").orElseThrow());
    QmpCall.Deferred deferred = call.defer();
    stopped.whenComplete((nothing, failure) -> answer(deferred, failure));
    return deferred;
  }

  private CompletionStage<Void> delete(String id) throws MonitorException {
    NetClient client = network.remove(id);
    client.filters().forEach(FilterDump::close);
    if (!(client.kind() instanceof Kind.Backend backend)) {
      cabling.update();
      return CompletableFuture.completedFuture(null);
    }
    return end(client, backend.backend());
  }

  /** Stops a backend that nobody sends to any more, and its thread after it. */
  private CompletableFuture<Void> end(NetClient client, NetBackend backend) {
    cabling.update();
    cabling.detach(client);
    CompletableFuture<Void> done = new CompletableFuture<>();
    backend
        .stop()
        .whenComplete(
            (nothing, failure) ->
                loop.execute(
                    () ->
                        cabling
                            .release(client.thread().orElseThrow())
                            .whenComplete((n, f) -> loop.execute(() -> done.complete(null)))));
    return done;
  }

  private static void answer(QmpCall.Deferred deferred, @Nullable Throwable failure) {
    if (failure == null) {
      deferred.complete(Map.of());
    } else {
      deferred.fail(new MonitorException(sentence(failure)));
    }
  }

  private static String sentence(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause == null ? String.valueOf(failure) : String.valueOf(cause.getMessage());
  }
}
