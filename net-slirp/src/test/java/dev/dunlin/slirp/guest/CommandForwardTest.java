package dev.dunlin.slirp.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.slirp.TestEmulator;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code guestfwd=…-cmd:} with real commands. Facts 18 and 19 of what is easily missed. */
@NoLeaks
@RequiresPeer({"ip", "sysctl", "ps"})
@Timeout(120)
class CommandForwardTest {

  /** What the command says to a guest that says this and ends. */
  private static String answer(String command, String said) throws Exception {
    String option = "guestfwd=tcp:10.0.2.100:1234-cmd:" + command.replace(",", ",,");
    try (TestEmulator emulator = new TestEmulator();
        GuestLab lab =
            GuestLab.start(emulator.network(option, Map.of()), n -> emulator.on(n::start))
                .withAddress();
        Socket guest =
            lab.guest.call(
                () -> {
                  Socket socket = new Socket();
                  socket.connect(new InetSocketAddress("10.0.2.100", 1234), 60_000);
                  socket.setSoTimeout(60_000);
                  return socket;
                })) {
      guest.getOutputStream().write(said.getBytes(US_ASCII));
      guest.shutdownOutput();
      return new String(guest.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  /** With a pipe in its place smbd would become a daemon on the host's own ports. */
  @Test
  void a_command_finds_a_socket_where_its_standard_input_is() throws Exception {
    String said = answer("readlink /proc/self/fd/0 /proc/self/fd/1", "");
    assertTrue(said.matches("socket:\\[\\d+]\nsocket:\\[\\d+]\n"), said);
  }

  /** It may signal its process group, as smbd does when it ends. */
  @Test
  void a_command_has_a_session_of_its_own() throws Exception {
    String said = answer("sh -c 'echo $(ps -o pgid= -o sid= -p $$) $$'", "");
    Matcher ids = Pattern.compile("(\\d+) (\\d+) (\\d+)\n").matcher(said);
    assertTrue(ids.matches(), said);
    assertEquals(ids.group(3), ids.group(1));
    assertEquals(ids.group(3), ids.group(2));
  }

  @Test
  void a_command_hears_the_guests_end_and_answers_after_it() throws Exception {
    assertEquals("6\n", answer("sh -c 'echo $(tr -d , | wc -c)'", "a,b,c,def"));
  }
}
