package dev.dunlin.launcher.guest;

import dev.dunlin.testing.TempDirs;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;

/**
 * Puts one network through all checks and prints a line for each: the check, the milliseconds it
 * took, and nothing more when it passed, or base64 of what went wrong. Arguments: {@code qemu CARD
 * CHECKS} or {@code dunlin CARD CHECKS WIRING}, where CHECKS is {@code all} or {@code short}. Runs
 * in a network of its own, which the caller makes.
 */
final class GuestTrial {
  private final boolean all;
  private final PrintStream out;

  private GuestTrial(boolean all, PrintStream out) {
    this.all = all;
    this.out = out;
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = TempDirs.create("trial");
    Path tftp = Files.createDirectory(directory.resolve("tftp"));
    GuestChecks.fill(tftp);
    UserOptions options = new UserOptions(tftp);
    Card card = Card.valueOf(arguments[1]);
    boolean all = arguments[2].equals("all");
    try (HostPeers host = new HostPeers();
        Contender network =
            arguments[0].equals("qemu")
                ? Contender.qemu(options, card)
                : Contender.dunlin(options, Wiring.valueOf(arguments[3]), card, directory)) {
      GuestChecks checks = new GuestChecks(network, host, options);
      new GuestTrial(all, System.out).run(checks);
    } finally {
      TempDirs.delete(directory);
    }
  }

  private void run(GuestChecks checks) {
    for (GuestChecks.Check check : GuestChecks.all()) {
      if (all || !check.isLong()) {
        out.println(verdict(check, checks));
      }
    }
  }

  /** One broken check must not hide the verdicts on the others, whatever it throws. */
  @SuppressWarnings("CatchingUnchecked")
  private static String verdict(GuestChecks.Check check, GuestChecks checks) {
    long start = System.nanoTime();
    String problem = "";
    try {
      check.body().run(checks);
    } catch (Exception | AssertionError e) {
      StringWriter text = new StringWriter();
      e.printStackTrace(new PrintWriter(text));
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      problem = " " + Base64.getEncoder().encodeToString(bytes);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return check.sentence() + " " + took.toMillis() + problem;
  }
}
