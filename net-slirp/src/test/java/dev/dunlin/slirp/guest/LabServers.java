package dev.dunlin.slirp.guest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Servers on the loopback of a lab's host: web pages, names, and iperf3 when it is asked for. */
final class LabServers implements AutoCloseable {
  static final int DNS_PORT = 5353;
  static final String NAME = "www.example.com";
  static final String ADDRESS = "93.184.216.34";
  static final int IPERF_PORT = 5201;

  private final Namespace host;
  private final byte[] page;
  private final HttpServer web;
  private final ChildProcess names;

  /**
   * @param page what GET brings; PUT answers with the length of what it took
   */
  LabServers(Namespace host, byte[] page) {
    this.host = host;
    this.page = page;
    web = host.call(this::serveWeb);
    names =
        host.start(
            "dnsmasq",
            "--no-daemon",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
            "--listen-address=127.0.0.1",
            "--port=" + DNS_PORT,
            "--address=/" + NAME + "/" + ADDRESS);
    names.stderr().awaitAfter(0, "started", Await.GENEROUS);
  }

  private HttpServer serveWeb() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    return server;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] sent = exchange.getRequestBody().readAllBytes();
    byte[] answer =
        exchange.getRequestMethod().equals("PUT") ? (sent.length + "").getBytes("ASCII") : page;
    exchange.sendResponseHeaders(200, answer.length);
    try (exchange) {
      exchange.getResponseBody().write(answer);
    }
  }

  int webPort() {
    return web.getAddress().getPort();
  }

  /** A server for one run. */
  ChildProcess iperf() {
    ChildProcess server = host.start("iperf3", "-s", "-1", "--forceflush", "-p", "" + IPERF_PORT);
    server.stdout().awaitAfter(0, "listening", Await.GENEROUS);
    return server;
  }

  @Override
  public void close() {
    web.stop(0);
    names.close();
  }
}
