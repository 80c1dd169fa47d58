package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.Emulator;
import dev.dunlin.core.EmulatorModule;
import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.monitor.HmpCall;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.run.RunState;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.Transcript;
import dev.dunlin.testing.UnixConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Human monitors on real sockets and a real loop. */
@NoLeaks
final class HmpSessionTest {
  private static final String UNIX = "unix:%s/mon,server=on,wait=off";

  @Test
  void the_greeting_is_followed_by_qemus_prompt_letter_for_letter() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      assertEquals(
          "Dunlin 0.0-test monitor - type 'help' for more information\r\n(qemu) ",
          client.transcript().text());
    }
  }

  @Test
  void a_client_that_leaves_at_any_byte_of_a_command_harms_nobody() throws Exception {
    String command = "info status\ninfo version\n";
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX)) {
      for (int length = 0; length <= command.length(); length++) {
        try (UnixConnection hasty = UnixConnection.connect(bench.socket("mon"))) {
          hasty.output().write(command.substring(0, length).getBytes(StandardCharsets.US_ASCII));
        }
      }
      try (HmpClient client = HmpClient.connect(bench.socket("mon"))) {
        assertEquals("VM status: paused (prelaunch)\n", client.command("info status"));
      }
    }
  }

  @Test
  void commands_sent_before_leaving_are_carried_out() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX)) {
      try (UnixConnection hasty = UnixConnection.connect(bench.socket("mon"))) {
        hasty.output().write("cont\nstop\ncont\n".getBytes(StandardCharsets.US_ASCII));
      }
      Await.until("the guest runs", () -> bench.emulator().run().state() == RunState.RUNNING);
    }
  }

  @Test
  void a_second_client_waits_until_the_first_has_left() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient first = HmpClient.connect(bench.socket("mon"));
        UnixConnection second = UnixConnection.connect(bench.socket("mon"));
        Transcript heard = new Transcript("second", second.input())) {
      assertEquals("0x7\n", first.command("p 7"));
      assertEquals("", heard.text());
      first.close();
      heard.awaitAfter(0, HmpClient.PROMPT, Await.GENEROUS);
      second.close();
    }
  }

  @Test
  void several_monitors_are_served_at_once() throws Exception {
    try (MonitorBench bench =
            MonitorBench.start(
                "monitor", UNIX,
                "monitor", "unix:%s/mon2,server=on,wait=off",
                "qmp", "unix:%s/qmp,server=on,wait=off");
        HmpClient one = HmpClient.connect(bench.socket("mon"));
        HmpClient two = HmpClient.connect(bench.socket("mon2"));
        QmpClient three = QmpClient.connect(bench.socket("qmp"))) {
      one.send("info st");
      two.command("cont");
      assertEquals("running", three.query("query-status").get("status"));
      assertEquals("VM status: running\n", one.command("atus"));
    }
  }

  @Test
  void history_outlives_a_client_and_its_half_typed_line_does_not() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX)) {
      try (HmpClient client = HmpClient.connect(bench.socket("mon"))) {
        client.command("p 1");
        client.send("quit");
      }
      try (HmpClient client = HmpClient.connect(bench.socket("mon"))) {
        assertEquals("0: 'p 1'\n1: 'info history'\n", client.command("info history"));
      }
    }
  }

  @Test
  void the_prompt_and_later_input_wait_for_a_command_that_takes_its_time() throws Exception {
    Slow slow = new Slow();
    try (MonitorBench bench = MonitorBench.start(List.of(slow), "monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      int from = client.transcript().length();
      client.send("slow\np 3\n");
      HmpCall.Suspension suspension = slow.called().get();
      bench.loop().call(() -> true);
      assertFalse(client.transcript().text().substring(from).contains(HmpClient.PROMPT));
      bench
          .loop()
          .call(
              () -> {
                suspension.print("now\n");
                suspension.resume();
                return true;
              });
      String said = client.transcript().awaitAfter(from, "0x3\r\n", Await.GENEROUS);
      assertTrue(said.contains("\r\nnow\r\n(qemu) p"), said);
    }
  }

  @Test
  void whoever_comes_after_one_who_left_a_slow_command_gets_a_prompt_at_once() throws Exception {
    Slow slow = new Slow();
    try (MonitorBench bench = MonitorBench.start(List.of(slow), "monitor", UNIX)) {
      try (UnixConnection first = UnixConnection.connect(bench.socket("mon"))) {
        first.output().write("slow\n".getBytes(StandardCharsets.US_ASCII));
        slow.called().get();
      }
      // The session reads nothing while its command goes on, and so learns nothing either.
      bench
          .loop()
          .call(
              () -> {
                slow.called().get().print("to nobody\n");
                slow.called().get().resume();
                return true;
              });
      try (HmpClient second = HmpClient.connect(bench.socket("mon"))) {
        assertEquals("0x1\n", second.command("p 1"));
        assertFalse(second.transcript().text().contains("to nobody"));
      }
    }
  }

  @Test
  void a_reader_that_does_not_read_costs_no_more_than_a_piece_of_output() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        UnixConnection lazy = UnixConnection.connect(bench.socket("mon"))) {
      lazy.output().write("xp /1048576xb 0\np 42\n".getBytes(StandardCharsets.US_ASCII));
      Chardev device = bench.emulator().chardevs().find("compat_monitor0").orElseThrow();
      Await.until("the output is held back", () -> bench.loop().call(device::isCongested));
      long most = 0;
      for (int i = 0; i < 200; i++) {
        most = Math.max(most, bench.loop().call(device::queued));
      }
      assertTrue(most < 128 * 1024, "queued: " + most);
      try (Transcript heard = new Transcript("lazy", lazy.input())) {
        String said = heard.awaitAfter(0, "0x2a\r\n", Await.GENEROUS);
        assertEquals((1 << 20) / 8, said.split("\n").length - 3);
        lazy.close();
      }
    }
  }

  @Test
  void a_line_that_is_too_long_is_refused_and_not_cut() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      String line = "p 1" + " ".repeat(4093);
      assertEquals("line too long: at most 4095 characters\n", client.command(line));
      assertEquals("0x1\n", client.command(line.substring(0, 4095)));
    }
  }

  @Test
  void deep_expressions_are_refused_and_the_loop_lives() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      for (String nest : List.of("(", "-", "~", "+")) {
        String said = client.command("p " + nest.repeat(4000) + "1");
        assertTrue(said.startsWith("expression nested too deeply\n"), said);
      }
      assertEquals("0x1\n", client.command("p (((1)))"));
    }
  }

  @Test
  void utf8_is_edited_by_character() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      int from = client.transcript().length();
      // Typed: é, ě (whose second byte is C1's CSI), a clown; the clown is taken back.
      client.send("\u00e9\u011b\ud83e\udd21\u007f\n");
      String said = client.transcript().awaitAfter(from, "(qemu) ", Await.GENEROUS);
      String text = new String(said.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      assertTrue(text.endsWith("unknown command: '\u00e9\u011b'\r\n"), text);
    }
  }

  @Test
  void random_keys_never_end_the_session() throws Exception {
    Random random = new Random(5);
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        UnixConnection client = UnixConnection.connect(bench.socket("mon"));
        Transcript heard = new Transcript("noise", client.input())) {
      byte[] noise = new byte[20_000];
      for (int i = 0; i < noise.length; i++) {
        int kind = random.nextInt(8);
        noise[i] =
            kind == 0
                ? (byte) "\033[O~;\t\r\n".charAt(random.nextInt(8))
                : kind == 1
                    ? (byte) random.nextInt(256)
                    : (byte) "info xp/4\" ".charAt(random.nextInt(11));
        if (noise[i] == 'q') {
          noise[i] = 'r';
        }
      }
      client.output().write(noise);
      client.output().write("\033[~\n\np 0x1234567\n".getBytes(StandardCharsets.US_ASCII));
      heard.awaitAfter(0, "\r\n0x1234567\r\n", Await.GENEROUS);
      client.close();
    }
  }

  @Test
  void quit_ends_the_emulator_without_another_prompt() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      int from = client.transcript().length();
      client.send("quit\n");
      Await.until("the end", () -> bench.emulator().exitStatus() == 0);
      assertFalse(client.transcript().text().substring(from).contains(HmpClient.PROMPT));
    }
  }

  /** Has a command that holds the prompt until the test lets go. */
  private static final class Slow implements EmulatorModule {
    private final CompletableFuture<HmpCall.Suspension> called = new CompletableFuture<>();

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public void start(Emulator emulator) {
      emulator
          .monitor()
          .addHmp(new HmpCommand("slow", "", "", "wait", call -> called.complete(call.suspend())));
    }

    CompletableFuture<HmpCall.Suspension> called() {
      return called;
    }
  }

  @Test
  void memory_is_shown_and_saved_as_it_is() throws Exception {
    try (MonitorBench bench = MonitorBench.start("monitor", UNIX);
        HmpClient client = HmpClient.connect(bench.socket("mon"))) {
      List<String> written = new ArrayList<>();
      bench
          .loop()
          .call(
              () -> {
                byte[] bytes = "Dunlin's bytes\\\n\377".getBytes(StandardCharsets.ISO_8859_1);
                bench
                    .emulator()
                    .ram()
                    .blocks()
                    .get(0)
                    .write(0x100, java.nio.ByteBuffer.wrap(bytes));
                return written.add("done");
              });
      assertEquals(
          "0000000000000100: 0x44 0x75 0x6e 0x6c 0x69 0x6e 0x27 0x73\n",
          client.command("xp /8xb 0x100"));
      assertEquals(
          "0000000000000100: 'D' 'u' 'n' 'l' 'i' 'n' '\\'' 's'\n"
              + "0000000000000108: ' ' 'b' 'y' 't' 'e' 's' '\\\\' '\\n'\n"
              + "0000000000000110: '\\xff'\n",
          client.command("xp /17cb 0x100"));
      assertEquals("0000000000000110: 0377\n", client.command("xp /1ob 0x110"));
      assertEquals("0000000000000110: 255\n", client.command("xp /1db 0x110"));
      assertEquals("0000000000000100: 0x6c6e7544\n", client.command("xp /xw 0x100"));
      assertEquals("", client.command("pmemsave 0x100 16 \"" + bench.socket("saved") + "\""));
      assertEquals("Dunlin's bytes\\\n", java.nio.file.Files.readString(bench.socket("saved")));
      assertEquals(1, written.size());
    }
  }
}
