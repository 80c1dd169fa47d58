package dev.dunlin.bench.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The measuring program inside a namespace. It takes one command a line on standard input, answers
 * each with one line ({@code ok NUMBER} or {@code failed WHY}), and ends with its input.
 */
public final class Agent {
  private final GuestTcp tcp = new GuestTcp();
  private final GuestUdp udp = new GuestUdp();
  private final UdpSink sink;

  private Agent(UdpSink sink) {
    this.sink = sink;
  }

  public static void main(String[] arguments) throws IOException {
    UdpSink sink = new UdpSink();
    if (arguments.length > 0 && arguments[0].equals("host")) {
      HostServers.start();
      sink.start(HostServers.bind(Ports.SINK));
    }
    System.out.println("ok 0");
    new Agent(sink).serve();
    System.exit(0);
  }

  private void serve() throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(answer(line.split(" ")));
    }
  }

  private String answer(String[] words) {
    try {
      return String.format(Locale.ROOT, "ok %.3f", obey(words));
    } catch (IOException | RuntimeException e) {
      return "failed " + String.valueOf(e).replace('\n', ' ');
    }
  }

  private double obey(String[] words) throws IOException {
    return switch (words[0]) {
      case "connects" -> tcp.connectsPerSecond(words[1], millis(words[2]), count(words[3]));
      case "tcp-ping" -> tcp.pingMicros(words[1], millis(words[2]));
      case "hold" -> tcp.hold(words[1], count(words[2]));
      case "release" -> tcp.release();
      case "udp-ping" -> udp.pingMicros(words[1], millis(words[2]));
      case "flood" -> udp.flood(words[1], count(words[2]), count(words[3]), millis(words[4]));
      case "fetch" -> udp.fetch(words[1], count(words[2]), count(words[3]), millis(words[4]));
      case "spray" -> udp.spray(words[1], count(words[2]));
      case "watch" -> sink.watch(count(words[1]), millis(words[2]));
      case "seen" -> sink.seenPerSecond();
      default -> throw new IllegalArgumentException("no command " + words[0]);
    };
  }

  private static long millis(String word) {
    return Long.parseLong(word);
  }

  private static int count(String word) {
    return Integer.parseInt(word);
  }
}
