package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * The same keys pressed at a real QEMU and here: every byte that comes back must be the same. Not
 * among them: ^B ^F ^K ^N ^P ^U and cursor keys in application mode, which QEMU ignores, bytes
 * above 127, which it edits one by one, and completions where it knows more commands.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class HmpEchoPeerTest {
  private static final String END = "VM status: paused (prelaunch)\r\n(qemu) ";

  private static final ImmutableList<String> KEYS =
      ImmutableList.of(
          "help quit\r",
          "p 1\n",
          "p 1\r\n",
          "abc\u007fd\033[D\033[DX\033[C\033[3~Y\005Z\001Q\027\005\r",
          "p 2\rp 3\r\033[A\033[A\033[B\r",
          "p 2\r\033[A\033[A\033[A\033[B\033[B\033[B",
          "p 4\r\033[Ax\177\177",
          "\033[D\033[C\010",
          "p 12\033[1~\033[4~\004",
          "p 1\001\004\004\004",
          "p \033OHa\033OFb",
          "p one two  three\027\027x\027\027\027",
          "\014p 1\014",
          "pri\t",
          "pmem\t",
          "info hist\t",
          "info uu\t",
          "help pme\t",
          "xyzzy\t",
          "print \t",
          "info nosuch \t",
          "system_p\t\001x",
          "ringbuf_\t",
          "p 1\003\007\021\023\031",
          "\033[5~\033[6~\033[9x\033x\033\033[A",
          "p \b\b\b\b1",
          "stop\ninfo status\np 5\n");

  @Test
  void every_key_is_echoed_as_a_real_qemu_echoes_it() throws Exception {
    Path directory = TempDirs.create("echo");
    try (var qemu = HmpWordsPeerTest.startQemu(directory);
        HmpClient theirs = HmpClient.connect(directory.resolve("mon"));
        MonitorBench bench =
            MonitorBench.start("monitor", HmpWordsPeerTest.monitorOf(directory.resolve("our")));
        HmpClient ours = HmpClient.connect(directory.resolve("our"))) {
      assertEquals("prelaunch", qemu.status());
      assertEquals(-1, bench.emulator().exitStatus());
      List<Executable> checks = new ArrayList<>();
      for (String keys : KEYS) {
        String expected = press(theirs, keys);
        String actual = press(ours, keys);
        checks.add(() -> assertEquals(visible(expected), visible(actual), visible(keys)));
      }
      assertAll(checks);
    } finally {
      TempDirs.delete(directory);
    }
  }

  /** Ends the line, whatever it is, and the keys' effects with it. */
  private static String press(HmpClient client, String keys) {
    int from = client.transcript().length();
    client.send(keys);
    client.send("\ninfo status\n");
    return client.transcript().awaitAfter(from, END, Await.GENEROUS);
  }

  private static String visible(String bytes) {
    return bytes.replace("\033", "ESC").replace("\r", "\\r").replace("\n", "\\n\n");
  }
}
