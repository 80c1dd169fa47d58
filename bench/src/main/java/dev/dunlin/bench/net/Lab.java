package dev.dunlin.bench.net;

import java.util.ArrayList;
import java.util.List;

/**
 * The host's namespace with its servers, and every other namespace of the run. Closed by the main
 * thread or by the JVM's shutdown, whichever comes first.
 */
final class Lab implements AutoCloseable {
  /** pasta copies these from the interface that has the default route. */
  static final String UPLINK_ADDRESS = "10.88.0.2";

  static final String UPLINK_GATEWAY = "10.88.0.1";

  private final List<Namespace> namespaces = new ArrayList<>();
  private final Namespace host;
  private final AgentProcess agent;
  private boolean closed;
  private int count;

  private Lab() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "removal of the namespaces"));
    host = namespace("host");
    // A veth with nobody behind it: a dummy link would need a kernel module.
    host.ip("link add uplink type veth peer name nobody");
    host.ip("link set nobody up");
    host.ip("link set uplink up");
    host.ip("addr add " + UPLINK_ADDRESS + "/24 dev uplink");
    host.ip("route add default via " + UPLINK_GATEWAY);
    useCubicOnLoopback();
    host.sysctl("net.ipv4.ping_group_range=0 2147483647");
    agent = AgentProcess.start(host, "host");
  }

  static Lab open() {
    return new Lab();
  }

  /**
   * The machine's default may be another, and a namespace may choose only among those that the
   * machine allows to everybody; a route may choose any (tcp_ca_dst_init in Linux).
   */
  private void useCubicOnLoopback() {
    String route = " dev lo table local proto kernel scope host src 127.0.0.1 congctl cubic";
    host.ip("route replace local 127.0.0.0/8" + route);
    host.ip("route replace local 127.0.0.1" + route);
  }

  Namespace host() {
    return host;
  }

  AgentProcess hostAgent() {
    return agent;
  }

  synchronized Namespace namespace(String purpose) {
    if (closed) {
      throw new IllegalStateException("the run is being ended");
    }
    Namespace made = Namespace.create(purpose + "-" + ++count);
    namespaces.add(made);
    return made;
  }

  synchronized void remove(Namespace namespace) {
    namespace.close();
    namespaces.remove(namespace);
  }

  synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    namespaces.forEach(Namespace::close);
    namespaces.clear();
  }
}
