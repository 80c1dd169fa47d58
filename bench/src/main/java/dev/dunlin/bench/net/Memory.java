package dev.dunlin.bench.net;

import dev.dunlin.bench.Usage;
import dev.dunlin.testing.ChildProcess;
import java.util.List;

/**
 * What a contender's memory does. Each step has a process of its own: what one has left free in its
 * heap would hide what the next takes. A short warm-up keeps the loading of code out of the growth.
 */
final class Memory {
  private static final int CONNECTIONS = 1000;
  private static final int WARM_UP = 100;
  private static final int FRAGMENTED = 8000;
  private static final int FLOWS = 10_000;
  private static final double KIB_PER_MIB = 1024;

  private Memory() {}

  static List<Step> steps() {
    return List.of(
        new Step("1,000 connections", Memory::connections),
        new Step("UDP flood", Memory::flood),
        new Step("10,000 UDP flows", Memory::spray));
  }

  private static void connections(Guest guest, Sheet sheet, int seconds) {
    guest.ask("hold", guest.gateway(), WARM_UP);
    guest.ask("release");
    double before = resident(guest);
    guest.ask("hold", guest.gateway(), CONNECTIONS);
    double with = resident(guest);
    Step.ping(guest, sheet, seconds, "tcp-ping", Figure.TCP_PING_AMONG_1000);
    if (guest.carrier().isPresent()) {
      sheet.add(Figure.RSS_IDLE, guest.candidate(), before);
      sheet.add(Figure.RSS_1000, guest.candidate(), with);
      double each = (with - before) * KIB_PER_MIB / CONNECTIONS;
      sheet.add(Figure.PER_CONNECTION, guest.candidate(), each);
    }
  }

  private static void flood(Guest guest, Sheet sheet, int seconds) {
    floods(guest, 1);
    double before = resident(guest);
    floods(guest, 2 * seconds);
    if (guest.carrier().isPresent()) {
      double after = resident(guest);
      sheet.add(Figure.RSS_FLOOD, guest.candidate(), after);
      sheet.add(Figure.FLOOD_GROWTH, guest.candidate(), after - before);
    }
  }

  private static void floods(Guest guest, int seconds) {
    for (int size : new int[] {64, 1400, FRAGMENTED}) {
      Floods.out(guest, seconds, size);
      Floods.in(guest, seconds, size);
    }
  }

  private static void spray(Guest guest, Sheet sheet, int seconds) {
    guest.ask("spray", guest.gateway(), WARM_UP);
    double before = resident(guest);
    guest.ask("spray", guest.gateway(), FLOWS);
    if (guest.carrier().isPresent()) {
      sheet.add(Figure.SPRAY_GROWTH, guest.candidate(), resident(guest) - before);
    }
  }

  private static double resident(Guest guest) {
    return guest.carrier().map(ChildProcess::pid).map(Usage::residentMib).orElse(0.0);
  }
}
