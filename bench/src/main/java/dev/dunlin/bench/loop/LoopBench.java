package dev.dunlin.bench.loop;

import dev.dunlin.bench.Spread;
import dev.dunlin.core.posix.DirectSocket;
import dev.dunlin.core.posix.Fd;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Arguments: [ROUNDS]. The frames' descriptor is one end of a unix datagram pair, which costs less
 * than a TAP device, and /dev/null for what is pumped: what is left is the loop.
 */
public final class LoopBench {
  private static final int WARM_UP = 3;
  private static final int PINGS = 4_000;
  private static final int CONNECTS = 2_000;
  private static final long PUMPED = 512L << 20;

  private final PrintStream out = System.out;
  private final Map<String, Spread> figures = new LinkedHashMap<>();

  private LoopBench() {}

  public static void main(String[] arguments) throws IOException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 9;
    new LoopBench().run(rounds);
  }

  private void run(int rounds) throws IOException {
    List<LoopCandidate> candidates = List.of(new SelectorCandidate(), new EpollCandidate());
    try (DatagramSocket echo = echo();
        ServerSocket listener = acceptAndClose();
        ServerSocketChannel source = source()) {
      for (int round = -WARM_UP; round < rounds; round++) {
        for (LoopCandidate candidate : candidates) {
          measure(candidate, echo.getLocalPort(), listener.getLocalPort(), source, round >= 0);
        }
        if (round >= 0) {
          add("UDP ping-pong without a loop, p50 µs", pingDirectly(echo.getLocalPort()), true);
        }
      }
    }
    candidates.forEach(LoopCandidate::close);
    out.printf("%d rounds in turn: median (least to most)%n", rounds);
    figures.forEach(
        (name, spread) ->
            out.printf(
                "%-48s %9.2f  (%.2f to %.2f)%n",
                name, spread.median(), spread.min(), spread.max()));
  }

  private void add(String name, double value, boolean counts) {
    if (counts) {
      figures.computeIfAbsent(name, unused -> new Spread()).add(value);
    }
  }

  private void measure(
      LoopCandidate loop, int echo, int listener, ServerSocketChannel source, boolean counts)
      throws IOException {
    String by = " by " + loop.name();
    long allocated = loop.allocatedBytes();
    add("frame to UDP and back, p50 µs" + by, ping(loop, echo), counts);
    add(
        "bytes allocated a ping-pong" + by,
        (double) (loop.allocatedBytes() - allocated) / PINGS,
        counts);
    for (int atATime : new int[] {1, 32}) {
      long start = System.nanoTime();
      loop.connect(listener, CONNECTS, atATime);
      double seconds = (System.nanoTime() - start) / 1e9;
      add("connects/s, " + atATime + " at a time" + by, CONNECTS / seconds, counts);
    }
    for (int bytes : new int[] {1_448, 65_536}) {
      try (Fd nothing = Fd.open("/dev/null", 2, 0)) {
        long before = loop.cpuNanos();
        loop.pump(((InetSocketAddress) source.getLocalAddress()).getPort(), nothing, bytes);
        double cpu = (loop.cpuNanos() - before) / 1e9;
        add("CPU s per GB, TCP to frames of " + bytes + by, cpu * 1e9 / PUMPED, counts);
      }
    }
  }

  private static double ping(LoopCandidate loop, int echo) throws IOException {
    DirectSocket[] pair = DirectSocket.pair();
    try (Fd guest = blocking(pair[0]);
        Fd frames = blocking(pair[1])) {
      loop.beginRelay(frames, echo);
      double p50 = p50(guest);
      loop.endRelay();
      // A thread that blocks in a read notices the end by one more frame.
      guest.write(ByteBuffer.allocateDirect(64));
      return p50;
    }
  }

  private static double pingDirectly(int echo) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), echo));
      Spread times = new Spread();
      DatagramPacket packet = new DatagramPacket(new byte[64], 64);
      for (int i = 0; i < PINGS; i++) {
        long start = System.nanoTime();
        socket.send(packet);
        socket.receive(packet);
        times.add((System.nanoTime() - start) / 1e3);
      }
      return times.median();
    }
  }

  private static double p50(Fd guest) throws IOException {
    Spread times = new Spread();
    ByteBuffer buffer = ByteBuffer.allocateDirect(2048);
    for (int i = 0; i < PINGS; i++) {
      long start = System.nanoTime();
      guest.write(buffer.clear().limit(64));
      guest.read(buffer.clear());
      times.add((System.nanoTime() - start) / 1e3);
    }
    return times.median();
  }

  private static Fd blocking(DirectSocket socket) throws IOException {
    Fd fd = Fd.owning(socket.detach());
    fd.setNonBlocking(false);
    return fd;
  }

  private static DatagramSocket echo() throws IOException {
    DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    daemon(
        () -> {
          DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
          while (true) {
            packet.setLength(2048);
            socket.receive(packet);
            socket.send(packet);
          }
        });
    return socket;
  }

  private static ServerSocket acceptAndClose() throws IOException {
    ServerSocket server = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
    daemon(
        () -> {
          ArrayDeque<Socket> kept = new ArrayDeque<>();
          while (true) {
            kept.add(server.accept());
            // By now its client has reset it, so no port waits in TIME_WAIT.
            if (kept.size() > 64) {
              kept.remove().close();
            }
          }
        });
    return server;
  }

  private static ServerSocketChannel source() throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    daemon(
        () -> {
          ByteBuffer block = ByteBuffer.allocateDirect(65_536);
          while (true) {
            try (SocketChannel to = server.accept()) {
              for (long sent = 0; sent < PUMPED; ) {
                sent += to.write(block.clear());
              }
            }
          }
        });
    return server;
  }

  private interface Job {
    void run() throws IOException;
  }

  private static void daemon(Job job) {
    Thread thread =
        new Thread(
            () -> {
              try {
                job.run();
              } catch (IOException e) {
                // Its socket was closed: the end.
                if (!"Socket closed".equals(e.getMessage())
                    && !(e instanceof java.nio.channels.ClosedChannelException)) {
                  throw new UncheckedIOException(e);
                }
              }
            },
            "peer");
    thread.setDaemon(true);
    thread.start();
  }
}
