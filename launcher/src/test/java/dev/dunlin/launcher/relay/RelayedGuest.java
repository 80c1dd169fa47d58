package dev.dunlin.launcher.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.GuestVm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a guest does before, while and after it is moved: it counts on its console, ten times a
 * second, and with each number says whether its memory still has the checksum that it began with.
 */
final class RelayedGuest {
  private static final Duration SLOW = Duration.ofSeconds(60);

  private static final String COUNTER =
      """
      open my $in, '<:raw', '/dev/urandom';
      sysread $in, my $memory, 2 << 20;
      my $sum = unpack '%32L*', $memory;
      open my $console, '>', '/dev/ttyS0';
      for (my $i = 1; ; $i++) {
          my $word = $sum == unpack('%32L*', $memory) ? 'intact' : 'changed';
          syswrite $console, "number $i $word\\n";
          select undef, undef, undef, 0.1;
      }
      """;

  private static final Pattern NUMBER = Pattern.compile("number (\\d+) (intact|changed)\r?\n");

  private final String files;
  private final double uptime;

  private RelayedGuest(String files, double uptime) {
    this.files = files;
    this.uptime = uptime;
  }

  /** Sets the guest to its work; returns when it has counted a little. */
  static RelayedGuest begin(GuestVm guest) {
    guest.run("udhcpc -q -n -i eth0 -s /bin/lease", SLOW).text();
    assertEquals("", guest.run("head -c 16000000 /dev/urandom >/tmp/file", SLOW).text());
    String files = guest.run("md5sum /tmp/file", SLOW).text();
    guest.run("echo '" + COUNTER.replace("'", "'\\''") + "' >/tmp/count.pl").text();
    guest.run("perl /tmp/count.pl </dev/null >/dev/null 2>&1 &").text();
    awaitNumber(guest, 5);
    return new RelayedGuest(files, uptime(guest));
  }

  /** Whether all is there that was there before. */
  void check(GuestVm guest) {
    assertTrue(uptime(guest) >= uptime);
    assertEquals(files, guest.run("md5sum /tmp/file", SLOW).text());
    assertTrue(guest.run("ip addr show eth0").text().contains("10.0.2.15/24"));
    guest.run("ping -c 3 -w 30 10.0.2.2", SLOW).text();
  }

  /** Waits for more numbers on the console of the second QEMU. */
  static void awaitNumber(GuestVm guest, int howMany) {
    Await.until(
        "numbers on the guest's console",
        () -> numbers(guest.process().stdout().text()).size() >= howMany);
  }

  /** The console of both QEMUs, one after the other, has every number once. */
  static void checkCount(String console) {
    List<String> expected = new ArrayList<>();
    List<String> found = numbers(console);
    for (int i = 1; i <= found.size(); i++) {
      expected.add(i + " intact");
    }
    assertEquals(expected, found);
  }

  private static List<String> numbers(String console) {
    return NUMBER
        .matcher(console)
        .results()
        .map((MatchResult result) -> result.group(1) + " " + result.group(2))
        .toList();
  }

  private static double uptime(GuestVm guest) {
    return Double.parseDouble(guest.run("cut -d ' ' -f 1 /proc/uptime").text());
  }
}
