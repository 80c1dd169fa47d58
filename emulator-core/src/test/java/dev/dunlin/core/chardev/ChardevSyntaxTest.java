package dev.dunlin.core.chardev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.core.chardev.ChardevSpec.Socket;
import dev.dunlin.core.chardev.ChardevSpec.Tcp;
import dev.dunlin.core.chardev.ChardevSpec.Unix;
import dev.dunlin.core.cli.OptionException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChardevSyntaxTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "unix:/s,server=on,wait=off",
        "unix:/s,server,nowait",
        "unix:/s,server=yes,wait=no",
        "unix:/s,wait=off,server=on"
      })
  void a_unix_server_that_does_not_wait_has_several_spellings(String text) throws Exception {
    assertEquals(
        Optional.of(new Socket(new Unix("/s"), true, false, false, false, Duration.ZERO)),
        ChardevSyntax.parseShort(text));
  }

  @Test
  void a_server_waits_unless_told_otherwise() throws Exception {
    assertEquals(
        Optional.of(new Socket(new Unix("/s"), true, true, false, false, Duration.ZERO)),
        ChardevSyntax.parseShort("unix:/s,server"));
  }

  @Test
  void commas_in_a_path_are_doubled() throws Exception {
    assertEquals(
        Optional.of(new Socket(new Unix("/a,b"), false, false, false, false, Duration.ZERO)),
        ChardevSyntax.parseShort("unix:/a,,b"));
  }

  @Test
  void nodelay_is_a_switch_and_not_the_absence_of_a_delay() throws Exception {
    assertEquals(
        Optional.of(
            new Socket(new Tcp("h", "1", 0, true, true), false, false, false, true, Duration.ZERO)),
        ChardevSyntax.parseShort("tcp:h:1,nodelay"));
  }

  @Test
  void telnet_is_tcp_with_a_protocol() throws Exception {
    assertEquals(
        ChardevSyntax.parseShort("tcp:h:1,server,nowait,telnet"),
        ChardevSyntax.parseShort("telnet:h:1,server,nowait"));
  }

  @Test
  void an_ipv6_address_stands_in_brackets() throws Exception {
    assertEquals(
        Optional.of(
            new Socket(
                new Tcp("::1", "4", 0, true, true), true, false, false, false, Duration.ZERO)),
        ChardevSyntax.parseShort("tcp:[::1]:4,server,nowait"));
  }

  @Test
  void both_spellings_mean_the_same() throws Exception {
    assertEquals(
        ChardevSyntax.parseShort("tcp:h:1,reconnect=7").orElseThrow(),
        ChardevSyntax.parseOption("socket,id=x,host=h,port=1,reconnect=7").spec());
    assertEquals(
        ChardevSyntax.parseShort("unix:/s,server").orElseThrow(),
        ChardevSyntax.parseOption("socket,id=x,path=/s,server=on,wait=on").spec());
    assertEquals(
        ChardevSyntax.parseShort("stdio").orElseThrow(),
        ChardevSyntax.parseOption("stdio,id=x").spec());
  }

  @Test
  void none_is_no_device_and_mon_prefix_leaves_signals_to_the_guest() throws Exception {
    assertEquals(Optional.empty(), ChardevSyntax.parseShort("none"));
    assertEquals(Optional.of(new ChardevSpec.Stdio(false)), ChardevSyntax.parseShort("mon:stdio"));
  }

  /** Where QEMU has words of its own for it, {@link ChardevWordsPeerTest} compares them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unix:                          | chardev: socket: no path given",
        "udp::44                        | character device 'udp::44' is not supported",
        "vc                             | character device 'vc' is not supported",
        "/dev/parport0                  | character device '/dev/parport0' is not supported",
        "tcp:h:1,websocket=on           | Parameter 'websocket' is not supported",
        "unix:/s,abstract=on            | Parameter 'abstract' is not supported",
        "unix:/s,logfile=x              | Parameter 'logfile' is not supported",
        "unix:/s,reconnect=-1           | Parameter 'reconnect' expects a number of seconds",
        "tcp:[::1:44                    | parse error: tcp:[::1:44",
      })
  void what_dunlin_lacks_is_refused_with_a_sentence(String text, String words) {
    OptionException e = assertThrows(OptionException.class, () -> ChardevSyntax.parseShort(text));
    assertEquals(words, e.getMessage());
  }

  @Test
  void a_ring_that_would_fill_the_heap_is_refused() {
    OptionException e =
        assertThrows(
            OptionException.class, () -> ChardevSyntax.parseOption("ringbuf,id=x,size=1T"));
    assertEquals("size of ringbuf chardev must be at most 1 GiB", e.getMessage());
  }
}
