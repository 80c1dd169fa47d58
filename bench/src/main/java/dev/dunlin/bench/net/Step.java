package dev.dunlin.bench.net;

import java.util.List;

/** One thing that is done with every guest in turn before the next thing begins. */
record Step(String name, Action action) {
  interface Action {
    void run(Guest guest, Sheet sheet, int seconds);
  }

  /** What is repeated each round. */
  static List<Step> rounds() {
    return List.of(
        new Step("TCP out", (g, s, t) -> Iperf.run(g, s, t, Figure.TCP_OUT, Figure.CPU_OUT)),
        new Step("TCP in", (g, s, t) -> Iperf.run(g, s, t, Figure.TCP_IN, Figure.CPU_IN, "-R")),
        new Step("8 TCP out", (g, s, t) -> Iperf.run(g, s, t, Figure.TCP_OUT_8, "-P8")),
        new Step("8 TCP in", (g, s, t) -> Iperf.run(g, s, t, Figure.TCP_IN_8, "-P8", "-R")),
        new Step("UDP 64 out", (g, s, t) -> Floods.out(g, s, t, 64, Figure.UDP_OUT_64)),
        new Step("UDP 64 in", (g, s, t) -> Floods.in(g, s, t, 64, Figure.UDP_IN_64)),
        new Step("UDP 1400 out", (g, s, t) -> Floods.out(g, s, t, 1400, Figure.UDP_OUT_1400)),
        new Step("UDP 1400 in", (g, s, t) -> Floods.in(g, s, t, 1400, Figure.UDP_IN_1400)),
        new Step("connects", (g, s, t) -> connects(g, s, t, 1, Figure.CONNECTS_1)),
        new Step("connects, 32", (g, s, t) -> connects(g, s, t, 32, Figure.CONNECTS_32)),
        new Step("TCP ping-pong", (g, s, t) -> ping(g, s, t, "tcp-ping", Figure.TCP_PING)),
        new Step("UDP ping-pong", (g, s, t) -> ping(g, s, t, "udp-ping", Figure.UDP_PING)));
  }

  private static void connects(Guest guest, Sheet sheet, int seconds, int atOnce, Figure figure) {
    double rate = guest.ask("connects", guest.gateway(), seconds * 1000, atOnce);
    sheet.add(figure, guest.candidate(), rate);
  }

  static void ping(Guest guest, Sheet sheet, int seconds, String kind, Figure figure) {
    try (IdleLoad awake = IdleLoad.start(guest.lab())) {
      awake.check();
      sheet.add(figure, guest.candidate(), guest.ask(kind, guest.gateway(), seconds * 1000));
    }
  }
}
