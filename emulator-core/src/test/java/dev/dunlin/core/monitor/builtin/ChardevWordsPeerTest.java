package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Wrong devices and monitors on the command line: a real QEMU and Dunlin say the same first
 * sentence. QEMU repeats some in a second line, {@code parse error: …}, which is left out here.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class ChardevWordsPeerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-monitor foo",
        "-monitor foo:bar",
        "-monitor stdio,foo",
        "-monitor null,foo=1",
        "-monitor ringbuf",
        "-monitor unix:DIR/no/such,server,nowait",
        "-monitor unix:DIR/nosuch",
        "-monitor unix:DIR/s,server,foo",
        "-monitor unix:DIR/s,foo=1",
        "-monitor unix:DIR/s,server=maybe",
        "-monitor unix:DIR/s,server=on,wait=2",
        "-monitor unix:DIR/s,server=on,reconnect=1",
        "-monitor unix:DIR/s,reconnect=x",
        "-monitor unix:DIR/s,wait=off",
        "-monitor unix:DIR/s,nowait",
        "-monitor"
            + " unix:/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,server,nowait",
        "-monitor tcp:",
        "-monitor tcp:127.0.0.1",
        "-monitor tcp:127.0.0.1:",
        "-monitor telnet:127.0.0.1",
        "-monitor tcp::1",
        "-monitor tcp:127.0.0.1:1",
        "-monitor tcp:127.0.0.1:abc,server,nowait",
        "-monitor tcp:127.0.0.1:-1,server,nowait",
        "-monitor tcp:nosuch.invalid:44,server,nowait",
        "-monitor tcp:192.0.2.1:44,server,nowait",
        "-monitor tcp::0,server,ipv4=off,ipv6=off",
        "-monitor tcp:127.0.0.1:5,server,to=x",
        "-monitor file:",
        "-monitor file:DIR/no/such",
        "-monitor pipe:DIR/nosuch",
        "-monitor chardev:foo",
        "-qmp foo",
        "-qmp-pretty foo",
        "-monitor stdio -monitor stdio",
        "-monitor stdio -qmp stdio",
        "-chardev foo,id=x",
        "-chardev socket",
        "-chardev null",
        "-chardev id=x",
        "-chardev socket,id=x",
        "-chardev socket,id=1x,path=DIR/s",
        "-chardev socket,path=DIR/s,server=on",
        "-chardev socket,id=x,host=127.0.0.1",
        "-chardev socket,id=x,path=DIR/s,host=1,port=4,server=on",
        "-chardev socket,id=x,fd=77",
        "-chardev file,id=x",
        "-chardev file,id=x,path=DIR/no/such",
        "-chardev pipe,id=x",
        "-chardev pipe,id=x,path=DIR/nosuch",
        "-chardev serial,id=x",
        "-chardev serial,id=x,path=DIR/nosuch",
        "-monitor /dev/no-such",
        "-chardev null,id=x -chardev null,id=x",
        "-chardev ringbuf,id=x,size=5",
        "-chardev ringbuf,id=x,size=foo",
        "-chardev stdio,id=x,signal=foo",
        "-chardev null,id=x,foo=bar",
        "-mon chardev=nosuch",
        "-mon nosuch",
        "-mon mode=control",
        "-mon foo=bar",
        "-chardev null,id=x -mon chardev=x,mode=foo",
        "-chardev null,id=x -mon chardev=x,mode=control,pretty=maybe",
        "-chardev null,id=x -mon chardev=x,mode=readline,pretty=on",
        "-chardev null,id=x -mon chardev=x,mode=control -mon chardev=x",
      })
  void a_wrong_device_is_refused_with_the_words_of_a_real_qemu(String line) throws Exception {
    Path directory = TempDirs.create("words");
    try {
      List<String> words = List.of(line.replace("DIR", directory.toString()).split(" "));
      assertEquals(qemu(words), dunlin(words));
    } finally {
      TempDirs.delete(directory);
    }
  }

  private static String qemu(List<String> words) {
    List<String> arguments = new ArrayList<>(MonitorBench.QEMU_EQUIVALENT);
    arguments.addAll(words);
    ChildProcess.Result result = RealQemu.run(Await.GENEROUS, arguments.toArray(new String[0]));
    assertEquals(1, result.exitStatus(), result.stderr());
    // Only the last newline goes: one of the sentences ends with a blank.
    String said = result.stderr().replaceFirst("\\n+$", "");
    int repetition = said.indexOf("\nqemu-system-x86_64:");
    String first = repetition < 0 ? said : said.substring(0, repetition);
    assertTrue(first.startsWith("qemu-system-x86_64: "), first);
    return first.substring("qemu-system-x86_64: ".length());
  }

  private static String dunlin(List<String> words) throws Exception {
    String[] options = words.stream().map(w -> w.replaceFirst("^-", "")).toArray(String[]::new);
    try (MonitorBench bench = MonitorBench.start(options)) {
      return "accepted: " + bench.emulator().chardevs().all();
    } catch (OptionException e) {
      return String.valueOf(e.getMessage());
    } catch (IllegalStateException e) {
      // What start() throws comes from the loop's thread.
      return e.getCause() instanceof OptionException refused
          ? String.valueOf(refused.getMessage())
          : e.toString();
    }
  }
}
