package dev.dunlin.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.NoLeaks;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
final class MigrateItselfTest {
  @TempDir Path temp;

  @Test
  void a_running_board_goes_on_in_another_without_losing_a_page() throws Exception {
    Path file = temp.resolve("saved");
    long saved = MigrateItself.save(file);
    assertTrue(saved > 0, "it ran before");
    assertTrue(MigrateItself.load(file) > saved, "it went on from there");
  }

  @Test
  void the_adapter_stays_under_a_hundred_lines_of_code() throws Exception {
    CodeLines.assertFewerThan(100, "BoardVm", "BoardRam");
  }
}
