package dev.dunlin.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.net.frame.EthernetView;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.net.frame.PcapTap;
import dev.dunlin.slirp.ip.HostFailure;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.slirp.wire.DropReason;
import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.IpProtocol;
import dev.dunlin.slirp.wire.Ipv4View;
import dev.dunlin.slirp.wire.TcpOptions;
import dev.dunlin.slirp.wire.TcpView;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * A conversation written down packet by packet, in a notation like packetdrill's: flags, first and
 * last sequence number, length, acknowledgment, window, options.
 *
 * <pre>
 *   guest("S 0:0(0) win 64000 &lt;mss 1460,sack,ts,ws 7&gt;");
 *   expect("SA 0:0(0) ack 1");
 *   guest("A 1:1(0) ack 1");
 * </pre>
 *
 * Numbers count from each side's initial one. Text is {@link Pattern}, checked wherever it arrives.
 */
class TcpScript {
  private static final int URGENT_POINTER = 18;
  static final int GUEST_INITIAL = 0xffff_fff0; // wraps early in every conversation
  static final int PORT = 80;
  static final int GUEST_PORT = 40_000;
  private static final java.util.regex.Pattern NOTATION =
      java.util.regex.Pattern.compile(
          "([SFRPAU0]+) (-?\\d+):(-?\\d+)\\((\\d+)\\)(?: ack (-?\\d+))?(?: win (\\d+))?"
              + "(?: <(.*)>)?");

  /** Where every script's frames to the guest are recorded, when someone asks. */
  static @Nullable PcapTap recorder;

  final TcpStack stack;
  final List<ScriptHost> hosts = new ArrayList<>();
  final List<String> asked = new ArrayList<>();
  final List<String> icmp = new ArrayList<>();

  /** Whether a connection to the host stands at once. */
  boolean connectsAtOnce = true;

  boolean refusesAll;

  /** Off for scripts in which the guest acknowledges at random. */
  boolean checksText = true;

  int guestPort = GUEST_PORT;
  IpAddr remote = Packets.OUTSIDE;
  private short urgentPointer;
  int guestShift;
  int guestTimestamp = 1000;
  int lastEcho;
  boolean sendsTimestamps;
  private int ourInitial;
  private final ArrayDeque<Seen> seen = new ArrayDeque<>();

  TcpScript() {
    this(TcpConfig.standard(), 1500);
  }

  TcpScript(TcpConfig config, int mtu) {
    FramePort port = this::toGuest;
    PcapTap tap = recorder;
    stack = new TcpStack(config, mtu, this::connect, tap == null ? port : tap.before(port));
  }

  /** A segment that reached the guest. */
  record Seen(String text, int flags, int window, int length, List<String> options, Frame.Gso gso) {
    @Override
    public String toString() {
      return text;
    }
  }

  private Optional<TcpHost> connect(
      IpAddr guest, int from, IpAddr destination, int port, TcpHost.Listener listener, long now) {
    asked.add(guest + ":" + from + " to " + destination + ":" + port);
    if (refusesAll) {
      return Optional.empty();
    }
    ScriptHost host = new ScriptHost();
    host.checksText = checksText;
    host.listener = listener;
    hosts.add(host);
    if (connectsAtOnce) {
      listener.connected(now);
    }
    return Optional.of(host);
  }

  /** The two ends know each other's numbers from another life. */
  void remember(int theirInitial) {
    ourInitial = theirInitial;
  }

  int ourInitial() {
    return ourInitial;
  }

  ScriptHost host() {
    return hosts.get(hosts.size() - 1);
  }

  // ---- the guest's half ----

  /** The guest sends a segment. */
  void guest(String notation) {
    Matcher m = NOTATION.matcher(notation);
    assertTrue(m.matches(), notation);
    int sequence = Integer.parseInt(m.group(2));
    int length = Integer.parseInt(m.group(4));
    int flags = flags(m.group(1));
    boolean syn = (flags & TcpView.SYN) != 0;
    boolean ack = m.group(5) != null;
    int window = m.group(6) == null ? 0xffff : Integer.parseInt(m.group(6));
    byte[] options = options(m.group(7) == null ? "" : m.group(7), syn);
    send(
        sequence + GUEST_INITIAL,
        ack ? Integer.parseInt(m.group(5)) + ourInitial : 0,
        flags,
        syn ? window : window >>> guestShift,
        options,
        text(sequence + (syn ? 1 : 0), length));
  }

  private static byte[] text(int sequence, int length) {
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] = Pattern.at(sequence - 1L + i);
    }
    return text;
  }

  /** Where the guest's segments say that urgent text ends, whether they have the flag or not. */
  void setUrgentPointer(int value) {
    urgentPointer = (short) value;
  }

  /** The guest sends whatever a hostile one might. */
  void send(int sequence, int ack, int flags, int window, byte[] options, byte[] text) {
    Frame frame = stack.frame(text.length + 64);
    frame.append(ByteBuffer.wrap(text));
    int ports = guestPort << 16 | PORT;
    TcpView.prepend(frame, ports, sequence, ack, flags, window, options.length);
    frame.bytes().put(frame.start() + TcpView.MIN_LENGTH, options);
    frame.bytes().putShort(frame.start() + URGENT_POINTER, urgentPointer);
    TcpView.requestChecksum(frame, Packets.GUEST, remote);
    frame.completeChecksum();
    frame.clearOffload();
    stack.guest(Packets.ip(frame, IpProtocol.TCP, Packets.GUEST, remote, 64));
  }

  private byte[] options(String list, boolean syn) {
    ByteBuffer bytes = ByteBuffer.allocate(40);
    int at = 0;
    boolean stamped = false;
    for (String option : list.isEmpty() ? new String[0] : list.split(",")) {
      String[] words = option.trim().split(" ");
      switch (words[0]) {
        case "mss" -> at = TcpOptions.putMss(bytes, at, Integer.parseInt(words[1]));
        case "ws" -> {
          guestShift = Integer.parseInt(words[1]);
          at = TcpOptions.putScale(bytes, at, guestShift);
        }
        case "sackOK" -> at = TcpOptions.putSackPermitted(bytes, at);
        case "ts" -> {
          sendsTimestamps |= syn;
          guestTimestamp = words.length > 1 ? Integer.parseInt(words[1]) : guestTimestamp;
          at = TcpOptions.putTimestamps(bytes, at, guestTimestamp, lastEcho);
          stamped = true;
        }
        case "sack" -> {
          int blocks = (words.length - 1) / 2;
          at = TcpOptions.putSackHead(bytes, at, blocks);
          for (int i = 1; i < words.length; i++, at += 4) {
            bytes.putInt(at, Integer.parseInt(words[i]) + ourInitial);
          }
        }
        default -> throw new IllegalArgumentException(option);
      }
    }
    if (sendsTimestamps && !stamped) {
      at = TcpOptions.putTimestamps(bytes, at, guestTimestamp, lastEcho);
    }
    byte[] exact = new byte[at];
    bytes.get(0, exact);
    return exact;
  }

  private static int flags(String letters) {
    int flags = 0;
    for (char letter : letters.toCharArray()) {
      flags |=
          switch (letter) {
            case 'S' -> TcpView.SYN;
            case 'F' -> TcpView.FIN;
            case 'R' -> TcpView.RST;
            case 'P' -> TcpView.PSH;
            case 'A' -> TcpView.ACK;
            case 'U' -> TcpView.URG;
            default -> 0;
          };
    }
    return flags;
  }

  private static String letters(int flags) {
    StringBuilder text = new StringBuilder();
    String names = "SFRPA";
    int[] bits = {TcpView.SYN, TcpView.FIN, TcpView.RST, TcpView.PSH, TcpView.ACK};
    for (int i = 0; i < bits.length; i++) {
      if ((flags & bits[i]) != 0) {
        text.append(names.charAt(i));
      }
    }
    return text.toString();
  }

  // ---- what reaches the guest ----

  private void toGuest(Frame frame) {
    Frame.Gso gso = frame.gso();
    frame.completeChecksum();
    ByteBuffer bytes = frame.bytes();
    Ipv4View ip = new Ipv4View();
    int start = frame.start() + EthernetView.LENGTH;
    assertTrue(ip.wrap(bytes, start, frame.end()), "IP to the guest");
    assertTrue(ip.checksumValid(), "IP checksum");
    if (ip.protocol() == IpProtocol.ICMP) {
      icmp.add(bytes.get(ip.payload()) + "/" + bytes.get(ip.payload() + 1));
    } else {
      seen.add(read(bytes, ip, gso));
    }
    frame.release();
  }

  private Seen read(ByteBuffer bytes, Ipv4View ip, Frame.Gso gso) {
    TcpView tcp = new TcpView();
    assertTrue(tcp.wrap(bytes, ip.payload(), ip.start() + ip.totalLength()), "TCP to the guest");
    assertTrue(
        tcp.checksumValid(IpAddr.v4(ip.source()), IpAddr.v4(ip.destination())), "TCP checksum");
    assertTrue(ip.dontFragment(), "path MTU discovery");
    if (tcp.has(TcpView.SYN)) {
      ourInitial = tcp.sequence();
    }
    TcpOptions options = new TcpOptions();
    assertTrue(options.parse(tcp), "our options");
    if (options.hasTimestamps()) {
      lastEcho = options.timestamp();
    }
    int sequence = tcp.sequence() - ourInitial;
    for (int i = 0; checksText && i < tcp.payloadLength(); i++) {
      assertEquals(
          Pattern.at(sequence - 1L + i), bytes.get(tcp.payload() + i), "text to the guest");
    }
    return new Seen(
        describe(tcp, sequence),
        tcp.flags(),
        tcp.window(),
        tcp.payloadLength(),
        names(options),
        gso);
  }

  private String describe(TcpView tcp, int sequence) {
    // A reset outside any connection has an absolute number of nought.
    int shown = tcp.has(TcpView.RST) && tcp.sequence() == 0 ? 0 : sequence;
    String text =
        letters(tcp.flags())
            + " "
            + shown
            + ":"
            + (shown + tcp.payloadLength())
            + "("
            + tcp.payloadLength()
            + ")";
    return tcp.has(TcpView.ACK) ? text + " ack " + (tcp.acknowledgment() - GUEST_INITIAL) : text;
  }

  private List<String> names(TcpOptions options) {
    List<String> names = new ArrayList<>();
    if (options.hasMss()) {
      names.add("mss " + options.mss());
    }
    if (options.hasScale()) {
      names.add("ws " + options.shift());
    }
    if (options.sackPermitted()) {
      names.add("sackOK");
    }
    if (options.hasTimestamps()) {
      names.add("ts");
    }
    for (int i = 0; i < options.sackBlocks(); i++) {
      names.add(
          "sack "
              + (options.sackLeft(i) - GUEST_INITIAL)
              + " "
              + (options.sackRight(i) - GUEST_INITIAL));
    }
    return names;
  }

  /** The next segment that reached the guest is this one. */
  Seen expect(String notation) {
    assertFalse(seen.isEmpty(), () -> "nothing, instead of " + notation);
    Seen next = seen.remove();
    assertEquals(notation, next.text());
    return next;
  }

  /** Whatever came next. */
  Seen next() {
    assertFalse(seen.isEmpty(), "nothing reached the guest");
    return seen.remove();
  }

  int waiting() {
    return seen.size();
  }

  void expectSilence() {
    assertEquals(List.of(), List.copyOf(seen));
  }

  /** Forgets what reached the guest so far. */
  void skip() {
    seen.clear();
  }

  // ---- the host's half ----

  /** The host sends so many bytes. */
  void hostSends(int count) {
    ScriptHost host = host();
    host.sent += count;
    if (host.wantsRead) {
      host.listener().readable(now());
    }
  }

  void hostEnds() {
    host().listener().ended(now());
  }

  void hostResets() {
    host().listener().reset(now());
  }

  void hostConnects() {
    host().listener().connected(now());
  }

  void hostFails(HostFailure failure) {
    host().listener().failed(failure, now());
  }

  /** The host takes so many bytes more. */
  void hostTakes(int count) {
    ScriptHost host = host();
    host.room += count;
    host.listener().writable(now());
  }

  // ---- common beginnings ----

  /** A connection with no option but the MSS. */
  void connectPlain() {
    guest("S 0:0(0) win 65535 <mss 1460>");
    expect("SA 0:0(0) ack 1");
    guest("A 1:1(0) ack 1");
    expectSilence();
  }

  /** A connection as Linux opens one. */
  void connect() {
    guest("S 0:0(0) win 64240 <mss 1460,sackOK,ts,ws 7>");
    expect("SA 0:0(0) ack 1");
    guest("A 1:1(0) ack 1 win 65536");
    expectSilence();
  }

  /** The same with SACK and without timestamps. */
  void connectSack() {
    guest("S 0:0(0) win 65535 <mss 1000,sackOK>");
    expect("SA 0:0(0) ack 1");
    guest("A 1:1(0) ack 1");
    expectSilence();
  }

  TcpState state() {
    List<FlowInfo> flows = stack.engine.flows();
    return flows.isEmpty() ? TcpState.CLOSED : flows.get(0).state();
  }

  // ---- time and the end ----

  long now() {
    return stack.now();
  }

  /** Lets time pass; every deadline on the way is met at its time. */
  void pass(Duration duration) {
    long left = duration.toNanos();
    while (stack.engine.delay(now()) <= left) {
      long next = stack.engine.delay(now());
      stack.clock.advanceNanos(next);
      left -= next;
      stack.engine.onTime(now());
    }
    stack.clock.advanceNanos(left);
  }

  void passMillis(long millis) {
    pass(Duration.ofMillis(millis));
  }

  void assertDropped(DropReason reason, long count) {
    assertEquals(count, stack.drops.get(reason), () -> reason + " in " + stack.drops);
  }

  /** Everything is given back; every host's stream ended. */
  void end() {
    stack.assertNothingLeaks();
    for (ScriptHost host : hosts) {
      assertNotNull(host.listener);
    }
  }
}
