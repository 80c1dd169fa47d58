package dev.dunlin.slirp;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.slirp.forward.HostEndpoint;
import dev.dunlin.slirp.forward.HostForward;
import dev.dunlin.slirp.host.HelperRecord;
import dev.dunlin.slirp.wire.DropReason;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** {@code info usernet} in QEMU's and libslirp's shape, and the same as data. */
final class UserNetInfo {
  private static final String HEADER =
      "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\n";

  private UserNetInfo() {}

  static String text(UserNetwork network, UserNetState state) {
    StringBuilder text = new StringBuilder();
    text.append("Hub ").append(network.hub().orElse(-1));
    text.append(" (").append(network.name()).append("):\n").append(HEADER);
    // As libslirp walks its lists: each protocol's listeners among its connections.
    for (String protocol : List.of("TCP", "UDP", "ICMP")) {
      state.forwards().stream()
          .filter(forward -> protocol(forward).equals(protocol))
          .forEach(forward -> text.append(line(listener(forward))));
      state.flows().stream()
          .filter(flow -> flow.protocol().equals(protocol))
          .forEach(flow -> text.append(line(flow)));
    }
    network
        .config()
        .smb()
        .ifPresent(
            smb ->
                smb.settings()
                    .shares()
                    .forEach(
                        share ->
                            text.append("  share '" + share.name() + "' of '" + share.directory())
                                .append("' at " + smb.server() + "\n")));
    if (!state.drops().isEmpty()) {
      text.append("  dropped: ");
      text.append(
          state.drops().entrySet().stream()
              .map(drop -> drop.getKey().shown() + "=" + drop.getValue())
              .collect(Collectors.joining(",")));
      text.append('\n');
    }
    network.helpers().forEach(helper -> text.append(line(helper)));
    return text.toString();
  }

  private static String line(HelperRecord helper) {
    return "  helper '"
        + helper.service()
        + "'"
        + (helper.pid() == 0 ? "" : " pid " + helper.pid())
        + helper.flow().map(guest -> " for " + guest).orElse("")
        + ": "
        + helper.state()
        + (helper.words().isEmpty() ? "" : ": " + helper.words().replace("\n", "; "))
        + "\n";
  }

  private static ConnectionInfo listener(HostForward forward) {
    return new ConnectionInfo(
        protocol(forward),
        "HOST_FORWARD",
        forward.descriptor(),
        source(forward),
        OptionalInt.of(port(forward)),
        forward.guest().toString(),
        OptionalInt.of(forward.guestPort()),
        0,
        0);
  }

  private static String line(ConnectionInfo shown) {
    return String.format(
        Locale.ROOT,
        "%-19s %3d %15s %s %15s %s %5d %5d\n",
        "  " + shown.protocol() + "[" + shown.state() + "]",
        shown.descriptor(),
        shown.source(),
        port(shown.sourcePort()),
        shown.destination(),
        port(shown.destinationPort()),
        shown.received(),
        shown.toSend());
  }

  /** What has no port has a dash in its middle. */
  private static String port(OptionalInt port) {
    return port.isPresent() ? String.format(Locale.ROOT, "%5d", port.getAsInt()) : " -   ";
  }

  private static String protocol(HostForward forward) {
    return forward.endpoint() instanceof HostEndpoint.Udp ? "UDP" : "TCP";
  }

  private static String source(HostForward forward) {
    if (forward.endpoint() instanceof HostEndpoint.Unix unix) {
      return "unix:" + unix.path();
    }
    InetSocketAddress address = inetAddress(forward.endpoint());
    return address.getAddress().isAnyLocalAddress() ? "*" : address.getAddress().getHostAddress();
  }

  private static int port(HostForward forward) {
    return forward.endpoint() instanceof HostEndpoint.Unix
        ? 0
        : inetAddress(forward.endpoint()).getPort();
  }

  private static InetSocketAddress inetAddress(HostEndpoint endpoint) {
    if (endpoint instanceof HostEndpoint.Tcp tcp) {
      return tcp.address();
    }
    if (endpoint instanceof HostEndpoint.Udp udp) {
      return udp.address();
    }
    throw new IllegalStateException(endpoint + " has no port");
  }

  /** One network as the machine monitor shows it. */
  static Map<String, Object> data(UserNetwork network, UserNetState state) {
    ImmutableMap.Builder<String, Object> data = ImmutableMap.builder();
    data.put("id", network.name());
    network.hub().ifPresent(hub -> data.put("hub", (long) hub));
    data.put("net", network.config().ipv4().network().toString());
    data.put("restrict", network.config().restrict());
    data.put("mtu", (long) network.config().mtu());
    data.put("forwards", state.forwards().stream().map(UserNetInfo::data).toList());
    data.put("flows", state.flows().stream().map(UserNetInfo::data).toList());
    data.put("drops", state.drops().entrySet().stream().map(UserNetInfo::data).toList());
    data.put("helpers", network.helpers().stream().map(UserNetInfo::data).toList());
    return data.build();
  }

  private static Map<String, Object> data(ConnectionInfo flow) {
    ImmutableMap.Builder<String, Object> data = ImmutableMap.builder();
    data.put("protocol", flow.protocol().toLowerCase(Locale.ROOT));
    data.put("state", flow.state());
    data.put("fd", (long) flow.descriptor());
    data.put("source", flow.source());
    flow.sourcePort().ifPresent(port -> data.put("source-port", (long) port));
    data.put("destination", flow.destination());
    flow.destinationPort().ifPresent(port -> data.put("destination-port", (long) port));
    data.put("recv-queue", flow.received());
    data.put("send-queue", flow.toSend());
    return data.build();
  }

  private static Map<String, Object> data(HelperRecord helper) {
    ImmutableMap.Builder<String, Object> data = ImmutableMap.builder();
    data.put("service", helper.service());
    if (helper.pid() != 0) {
      data.put("pid", (long) helper.pid());
    }
    helper
        .flow()
        .ifPresent(
            flow -> {
              data.put("source", flow.guest().toString());
              data.put("source-port", (long) flow.guestPort());
              data.put("destination", flow.destination().toString());
              data.put("destination-port", (long) flow.port());
            });
    data.put("running", helper.pid() != 0 && helper.status().isEmpty());
    data.put("state", helper.state());
    data.put("words", helper.words());
    return data.build();
  }

  private static Map<String, Object> data(Map.Entry<DropReason, Long> drop) {
    return ImmutableMap.of("reason", drop.getKey().shown(), "count", drop.getValue());
  }

  private static Map<String, Object> data(HostForward forward) {
    return ImmutableMap.of(
        "protocol", protocol(forward).toLowerCase(Locale.ROOT),
        "host", source(forward),
        "host-port", (long) port(forward),
        "guest", forward.guest().toString(),
        "guest-port", (long) forward.guestPort(),
        "refused", forward.refused());
  }
}
