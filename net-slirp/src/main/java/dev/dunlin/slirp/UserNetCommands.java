package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
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
import dev.dunlin.slirp.forward.ForwardSelector;
import dev.dunlin.slirp.forward.HostForwardRule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * {@code hostfwd_add}, {@code hostfwd_remove} and {@code info usernet}, with QEMU's words
 * (net/slirp.c); and the same for the machine monitor, where QEMU has nothing. Loop thread.
 */
final class UserNetCommands {
  private static final QmpType FORWARD =
      new QmpType.Struct(
          "XUserNetForward",
          ImmutableList.of(
              Parameter.required("protocol", QmpType.STRING),
              Parameter.required("host", QmpType.STRING),
              Parameter.required("host-port", QmpType.INT),
              Parameter.required("guest", QmpType.STRING),
              Parameter.required("guest-port", QmpType.INT),
              Parameter.required("refused", QmpType.INT)));

  private static final QmpType FLOW =
      new QmpType.Struct(
          "XUserNetFlow",
          ImmutableList.of(
              Parameter.required("protocol", QmpType.STRING),
              Parameter.required("state", QmpType.STRING),
              Parameter.required("fd", QmpType.INT),
              Parameter.required("source", QmpType.STRING),
              Parameter.optional("source-port", QmpType.INT),
              Parameter.required("destination", QmpType.STRING),
              Parameter.optional("destination-port", QmpType.INT),
              Parameter.required("recv-queue", QmpType.INT),
              Parameter.required("send-queue", QmpType.INT)));

  private static final QmpType DROP =
      new QmpType.Struct(
          "XUserNetDrop",
          ImmutableList.of(
              Parameter.required("reason", QmpType.STRING),
              Parameter.required("count", QmpType.INT)));

  private static final QmpType HELPER =
      new QmpType.Struct(
          "XUserNetHelper",
          ImmutableList.of(
              Parameter.required("service", QmpType.STRING),
              Parameter.optional("pid", QmpType.INT),
              Parameter.optional("source", QmpType.STRING),
              Parameter.optional("source-port", QmpType.INT),
              Parameter.optional("destination", QmpType.STRING),
              Parameter.optional("destination-port", QmpType.INT),
              Parameter.required("running", QmpType.BOOL),
              Parameter.required("state", QmpType.STRING),
              Parameter.required("words", QmpType.STRING)));

  private static final QmpType NETWORK =
      new QmpType.Struct(
          "XUserNetInfo",
          ImmutableList.of(
              Parameter.required("id", QmpType.STRING),
              Parameter.optional("hub", QmpType.INT),
              Parameter.required("net", QmpType.STRING),
              Parameter.required("restrict", QmpType.BOOL),
              Parameter.required("mtu", QmpType.INT),
              Parameter.required("forwards", new QmpType.ListOf(FORWARD)),
              Parameter.required("flows", new QmpType.ListOf(FLOW)),
              Parameter.required("drops", new QmpType.ListOf(DROP)),
              Parameter.required("helpers", new QmpType.ListOf(HELPER))));

  private static final ImmutableList<Parameter> RULE =
      ImmutableList.of(
          Parameter.optional("id", QmpType.STRING), Parameter.required("rule", QmpType.STRING));

  private final UserNetworks networks;
  private final MainLoop loop;

  UserNetCommands(UserNetworks networks, MainLoop loop) {
    this.networks = networks;
    this.loop = loop;
  }

  void register(MonitorRegistry registry) {
    registry.addInfo(
        new HmpCommand("usernet", "", "", "show user network stack connection states", this::info));
    registry.addHmp(
        new HmpCommand(
            "hostfwd_add",
            "arg1:s,arg2:s?",
            "[netdev_id] [tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport",
            "redirect TCP or UDP connections from host to guest (requires -net user)",
            call -> hmp(call, rule -> add(network(call), rule))));
    registry.addHmp(
        new HmpCommand(
            "hostfwd_remove",
            "arg1:s,arg2:s?",
            "[netdev_id] [tcp|udp]:[hostaddr]:hostport",
            "remove host-to-guest TCP or UDP redirection",
            call -> hmp(call, rule -> remove(network(call), rule))));
    registry.addQmp(
        new QmpCommand(
            "x-hostfwd-add",
            RULE,
            QmpType.EMPTY,
            call -> qmp(call, rule -> add(network(call), rule))));
    registry.addQmp(
        new QmpCommand(
            "x-hostfwd-remove",
            RULE,
            QmpType.EMPTY,
            call -> qmp(call, rule -> removeOrFail(network(call), rule))));
    registry.addQmp(
        new QmpCommand(
            "x-query-usernet", ImmutableList.of(), new QmpType.ListOf(NETWORK), this::query));
  }

  private void info(HmpCall call) {
    HmpCall.Suspension suspension = call.suspend();
    states()
        .whenComplete(
            (states, failure) ->
                loop.execute(
                    () -> {
                      states.forEach(
                          (network, state) -> suspension.print(UserNetInfo.text(network, state)));
                      suspension.resume();
                    }));
  }

  private Object query(QmpCall call) {
    QmpCall.Deferred deferred = call.defer();
    states()
        .whenComplete(
            (states, failure) ->
                loop.execute(
                    () ->
                        deferred.complete(
                            states.entrySet().stream()
                                .map(each -> UserNetInfo.data(each.getKey(), each.getValue()))
                                .toList())));
    return deferred;
  }

  /** Every network and what its thread says that it does; an end of the thread says nothing. */
  private CompletionStage<Map<UserNetwork, UserNetState>> states() {
    CompletionStage<Map<UserNetwork, UserNetState>> all =
        CompletableFuture.completedFuture(new LinkedHashMap<>());
    for (UserNetwork network : networks.all()) {
      CompletionStage<UserNetState> state =
          network.state().exceptionally(failure -> UserNetState.NONE);
      all =
          all.thenCombine(
              state,
              (found, one) -> {
                found.put(network, one);
                return found;
              });
    }
    return all;
  }

  private interface Command {
    /** What it does to a rule; completes with what there is to print. */
    CompletionStage<String> run(String rule) throws MonitorException;
  }

  private void hmp(HmpCall call, Command command) {
    String rule = call.string("arg2").or(() -> call.string("arg1")).orElseThrow();
    CompletionStage<String> running;
    try {
      running = command.run(rule);
    } catch (MonitorException e) {
      // These commands print their errors bare, without "Error: " before them.
      call.print(e.getMessage() + "\n");
      return;
    }
    HmpCall.Suspension suspension = call.suspend();
    running.whenComplete(
        (text, failure) ->
            loop.execute(
                () -> {
                  suspension.print(failure == null ? text : sentence(failure) + "\n");
                  suspension.resume();
                }));
  }

  private Object qmp(QmpCall call, Command command) throws MonitorException {
    CompletionStage<String> running = command.run(call.string("rule").orElseThrow());
    QmpCall.Deferred deferred = call.defer();
    running.whenComplete(
        (text, failure) ->
            loop.execute(
                () -> {
                  if (failure == null) {
                    deferred.complete(Map.of());
                  } else {
                    deferred.fail(new MonitorException(sentence(failure)));
                  }
                }));
    return deferred;
  }

  private UserNetwork network(HmpCall call) throws MonitorException {
    return call.string("arg2").isPresent()
        ? networks.find(call.string("arg1"))
        : networks.find(Optional.empty());
  }

  private UserNetwork network(QmpCall call) throws MonitorException {
    return networks.find(call.string("id"));
  }

  private static CompletionStage<String> add(UserNetwork network, String text)
      throws MonitorException {
    try {
      return network.addForward(HostForwardRule.parse(text)).thenApply(nothing -> "");
    } catch (OptionException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
  }

  private static CompletionStage<String> remove(UserNetwork network, String text)
      throws MonitorException {
    return removed(network, text)
        .thenApply(
            found ->
                "host forwarding rule for " + text + (found ? " removed" : " not found") + "\n");
  }

  private static CompletionStage<String> removeOrFail(UserNetwork network, String text)
      throws MonitorException {
    return removed(network, text)
        .thenApply(
            found -> {
              if (!found) {
                throw new CompletionException(
                    new MonitorException("host forwarding rule for " + text + " not found"));
              }
              return "";
            });
  }

  private static CompletionStage<Boolean> removed(UserNetwork network, String text)
      throws MonitorException {
    ForwardSelector selector =
        ForwardSelector.parse(text).orElseThrow(() -> new MonitorException("invalid format"));
    return network.removeForward(selector);
  }

  private static String sentence(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause == null ? String.valueOf(failure) : String.valueOf(cause.getMessage());
  }
}
