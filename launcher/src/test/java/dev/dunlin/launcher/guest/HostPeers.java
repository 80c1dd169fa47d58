package dev.dunlin.launcher.guest;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.OwnNetwork;
import dev.dunlin.testing.Peer;
import dev.dunlin.testing.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What the guest finds on the host: servers on loopback and on {@link OwnNetwork#NEIGHBOUR}, each
 * with one behaviour, and a real DNS server.
 */
final class HostPeers implements AutoCloseable {
  static final int WEB = 8000;
  static final int DATA_BYTES = 64 << 20;
  static final String PAGE = "<p>A page of the host's.</p>";
  static final String SHORT_TEXT = "found by the host's resolver";
  static final int ECHO = 7000;

  private final List<AutoCloseable> running = new ArrayList<>();
  private final byte[] data = new byte[DATA_BYTES];
  private final String dataHash;

  /** Hears the other to its end, and answers only then. */
  final TcpPeer answersAtTheEnd;

  /** Ends its own half at once, and keeps what it hears after that. */
  final TcpPeer endsFirst;

  /** Breaks the connection off (RST, by a linger time of zero: socket(7)). */
  final TcpPeer breaksOff;

  /** Says a word and keeps how the other ends. */
  final TcpPeer keepsTheEnd;

  /** Sends the data. */
  final TcpPeer sends;

  /** Takes what comes and answers with its size and hash. */
  final TcpPeer takes;

  HostPeers() throws IOException {
    new Random(1).nextBytes(data);
    dataHash = Sha256.of(data);
    answersAtTheEnd = peer(7001, HostPeers::answerAtTheEnd);
    endsFirst = peer(7002, HostPeers::endFirst);
    breaksOff = peer(7003, HostPeers::breakOff);
    keepsTheEnd = peer(7004, HostPeers::keepTheEnd);
    sends = peer(7005, this::send);
    takes = peer(7006, HostPeers::take);
    peer(WEB, HostPeers::page);
    running.add(UdpEcho.start(ECHO));
    running.add(dns());
  }

  private TcpPeer peer(int port, TcpPeer.Behaviour behaviour) throws IOException {
    TcpPeer peer = TcpPeer.start(port, behaviour);
    running.add(peer);
    return peer;
  }

  String dataHash() {
    return dataHash;
  }

  /** Long enough not to fit a datagram without EDNS (RFC 1035, section 4.2.1). */
  static String longText() {
    return "all of a long text. ".repeat(100);
  }

  private static ChildProcess dns() {
    List<String> command = new ArrayList<>();
    command.add(Peer.path("dnsmasq"));
    command.addAll(List.of("--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"));
    command.addAll(List.of("--bind-interfaces", "--listen-address=" + OwnNetwork.RESOLVER));
    command.add("--address=/web.test/" + OwnNetwork.NEIGHBOUR);
    command.add("--txt-record=short.test," + SHORT_TEXT);
    StringBuilder strings = new StringBuilder();
    String text = longText();
    for (int i = 0; i < text.length(); i += 200) {
      strings.append(",").append(text, i, Math.min(i + 200, text.length()));
    }
    command.add("--txt-record=long.test" + strings);
    ChildProcess dnsmasq = ChildProcess.start("dnsmasq", command);
    dnsmasq.stderr().awaitAfter(0, "started", Await.GENEROUS);
    return dnsmasq;
  }

  private static String answerAtTheEnd(Socket guest) throws IOException {
    String heard = new String(guest.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    say(guest, "heard " + heard);
    return heard;
  }

  private static String endFirst(Socket guest) throws IOException {
    say(guest, "nothing more from here");
    guest.shutdownOutput();
    return new String(guest.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String breakOff(Socket guest) throws IOException {
    say(guest, "broken");
    // The guest has it all before the reset, which may overtake: it answers with a byte.
    int answer = guest.getInputStream().read();
    guest.setSoLinger(true, 0);
    return "answered " + answer;
  }

  private static String keepTheEnd(Socket guest) throws IOException {
    say(guest, "a word");
    try {
      return "ended, " + guest.getInputStream().read();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String send(Socket guest) throws IOException {
    guest.getOutputStream().write(data);
    return "sent";
  }

  private static String take(Socket guest) throws IOException {
    InputStream in = guest.getInputStream();
    byte[] all = in.readAllBytes();
    String report = all.length + " bytes, " + Sha256.of(all);
    say(guest, report);
    return report;
  }

  /** HTTP/1.0 (RFC 1945) as far as one page needs it. */
  private static String page(Socket guest) throws IOException {
    StringBuilder request = new StringBuilder();
    InputStream in = guest.getInputStream();
    for (int b = in.read(); b >= 0 && !request.toString().endsWith("\r\n\r"); b = in.read()) {
      request.append((char) b);
    }
    say(guest, "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(PAGE.length(), PAGE));
    return request.toString();
  }

  private static void say(Socket guest, String text) throws IOException {
    guest.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** What a datagram from here to a port of this host's brings back, within five seconds. */
  static String askDatagram(int port, String text) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(5_000);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      socket.send(new DatagramPacket(bytes, bytes.length));
      DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a connection from here to a port of this host's says after this end has spoken. */
  static String askStream(int port, String text) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      say(socket, text);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable one : running) {
      one.close();
    }
  }
}
