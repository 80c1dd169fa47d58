package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees who waits for a migration. */
@NoLeaks
class ProgressLineTest {
  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @Test
  void a_terminal_shows_how_far_it_is_and_nothing_of_that_is_left() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("peer"), 1);
        TestVm vm = TestVm.none(16).start().scribble(1).running()) {
      TestVm.Pending prompt = vm.beginAtTerminal("migrate " + peer.uri());
      peer.accept();
      Await.until("a line", () -> prompt.output().toString().endsWith(" MiB/s"));
      String line = prompt.output().toString();
      assertTrue(line.startsWith("\r\033[KCompleted "), line);
      assertTrue(line.contains(" %, active, pass "), line);
      peer.readAll();
      assertTrue(Await.value("the prompt", prompt::poll).endsWith(" MiB/s\r\033[K"));
      assertEquals("completed", vm.statusLine());
    }
  }

  @Test
  void a_failure_takes_the_line_away_too() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("peer"), 1);
        TestVm vm = TestVm.none(16).start().scribble(1).running()) {
      TestVm.Pending prompt = vm.beginAtTerminal("migrate " + peer.uri());
      peer.accept();
      Await.until("a line", () -> prompt.output().toString().contains("Completed "));
      peer.hangUp();
      assertTrue(Await.value("the prompt", prompt::poll).endsWith(" MiB/s\r\033[K"));
      assertTrue(vm.statusLine().startsWith("failed ("));
    }
  }

  @Test
  void elsewhere_there_is_not_a_word_as_with_qemu() throws Exception {
    try (TestPeer peer = TestPeer.unix(directory.resolve("peer"), 1);
        TestVm vm = TestVm.none(16).start().scribble(1).running()) {
      TestVm.Pending prompt = vm.begin("migrate " + peer.uri());
      TestVm.Pending terminal = vm.beginAtTerminal("migrate -d exec:true");
      assertEquals(
          "Error: There's a migration process in progress\n",
          Await.value("refusal", terminal::poll));
      peer.accept().readAll();
      assertEquals("", Await.value("the prompt", prompt::poll));
    }
  }
}
