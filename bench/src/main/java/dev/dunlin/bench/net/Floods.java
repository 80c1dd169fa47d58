package dev.dunlin.bench.net;

import java.util.concurrent.atomic.AtomicInteger;

/** Datagrams as fast as they can be sent, counted where they arrive. */
final class Floods {
  private static final AtomicInteger TAGS = new AtomicInteger();

  private Floods() {}

  static void out(Guest guest, Sheet sheet, int seconds, int size, Figure figure) {
    sheet.add(figure, guest.candidate(), out(guest, seconds, size));
  }

  static void in(Guest guest, Sheet sheet, int seconds, int size, Figure figure) {
    sheet.add(figure, guest.candidate(), in(guest, seconds, size));
  }

  static double out(Guest guest, int seconds, int size) {
    AgentProcess host = guest.lab().hostAgent();
    int tag = TAGS.incrementAndGet();
    host.ask("watch", tag, seconds * 1000);
    guest.ask("flood", guest.gateway(), tag, size, seconds * 1000);
    return host.ask("seen");
  }

  static double in(Guest guest, int seconds, int size) {
    return guest.ask("fetch", guest.gateway(), TAGS.incrementAndGet(), size, seconds * 1000);
  }
}
