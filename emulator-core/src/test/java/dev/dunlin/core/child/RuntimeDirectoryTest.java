package dev.dunlin.core.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.JavaProcess;
import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guarantee G11: removed after the last user, swept when stale, and nobody else's. */
@NoLeaks
class RuntimeDirectoryTest {
  /** A PID that no process has: the highest possible is 2^22. */
  private static final String NOBODY = "4999999";

  @TempDir Path temporary;

  @BeforeAll
  static void warmUp(@TempDir Path directory) throws Exception {
    RuntimeDirectory.create(directory).close();
    new ProcessBuilder("true").start().waitFor();
  }

  /** Makes a directory, uses it as told, and waits to be killed. */
  static final class Owner {
    private Owner() {}

    public static void main(String[] arguments) throws Exception {
      RuntimeDirectory directory = RuntimeDirectory.create(Path.of(arguments[0]));
      Files.createDirectories(directory.path().resolve("a/b"));
      Files.writeString(directory.path().resolve("a/b/c"), "text");
      if (!arguments[1].isEmpty()) {
        directory.use(Integer.parseInt(arguments[1]));
      }
      System.out.println(directory.path());
      Thread.currentThread().join();
    }
  }

  @Test
  void g11_it_is_private_and_gone_after_close() throws IOException {
    try (RuntimeDirectory directory = RuntimeDirectory.create(temporary)) {
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.path())));
      Files.writeString(directory.path().resolve("smb.conf"), "text");
    }
    assertEquals(List.of(), names());
  }

  @Test
  void g11_two_of_one_process_live_side_by_side() throws IOException {
    try (RuntimeDirectory one = RuntimeDirectory.create(temporary);
        RuntimeDirectory two = RuntimeDirectory.create(temporary)) {
      assertNotEquals(one.path(), two.path());
      one.close();
      one.close();
      assertTrue(Files.isDirectory(two.path()));
    }
    assertEquals(List.of(), names());
  }

  @Test
  void g11_it_stays_until_its_last_user_has_ended() throws IOException {
    RuntimeDirectory directory = RuntimeDirectory.create(temporary);
    RuntimeDirectory.Use one = directory.use((int) ProcessHandle.current().pid());
    RuntimeDirectory.Use two = directory.use(0);
    directory.close();
    one.close();
    one.close();
    assertTrue(Files.isDirectory(directory.path()));
    two.close();
    assertEquals(List.of(), names());
    assertThrows(IllegalStateException.class, () -> directory.use(0));
  }

  @Test
  void g11_that_of_a_living_owner_is_left_alone_and_that_of_a_dead_one_is_swept()
      throws IOException {
    Path stale;
    try (ChildProcess owner = start("")) {
      stale = pathOf(owner);
      RuntimeDirectory.create(temporary).close();
      assertTrue(Files.exists(stale.resolve("a/b/c")));
    }
    assertTrue(Files.exists(stale));
    RuntimeDirectory.create(temporary).close();
    assertEquals(List.of(), names());
  }

  @Test
  void g11_a_dead_owners_directory_stays_while_a_child_still_uses_it() throws Exception {
    Process user = new ProcessBuilder("sleep", "1000").start();
    try {
      Path stale;
      try (ChildProcess owner = start("" + user.pid())) {
        stale = pathOf(owner);
      }
      RuntimeDirectory.create(temporary).close();
      assertTrue(Files.exists(stale.resolve("a/b/c")));
      user.destroyForcibly().waitFor();
      RuntimeDirectory.create(temporary).close();
      assertEquals(List.of(), names());
    } finally {
      user.destroyForcibly().waitFor();
    }
  }

  @Test
  void g11_a_user_that_has_ended_and_is_not_collected_keeps_nothing_alive() throws IOException {
    List<String> parent = List.of("/bin/sh", "-c", "true & echo $!; exec sleep 1000");
    try (ChildProcess careless = ChildProcess.start("careless", parent)) {
      Await.until("its child", () -> careless.stdout().text().contains("\n"));
      int zombie = Integer.parseInt(careless.stdout().text().strip());
      Await.until("a zombie", () -> ProcessStart.ofLiving(zombie).isEmpty());
      Path stale = stale("fedcba9876543210");
      String start = ProcessStart.of(zombie).orElseThrow();
      Files.writeString(stale.resolve("user-" + zombie + "-" + start), "");
      RuntimeDirectory.create(temporary).close();
      assertFalse(Files.exists(stale));
    }
  }

  @Test
  void g11_nothing_is_followed_through_a_link(@TempDir Path elsewhere) throws IOException {
    Path precious = Files.writeString(elsewhere.resolve("precious"), "text");
    Files.writeString(elsewhere.resolve("owner"), "");
    Path link = temporary.resolve("dunlin-" + NOBODY + "-0123456789abcdef");
    Files.createSymbolicLink(link, elsewhere);
    Path stale = stale("fedcba9876543210");
    Files.createSymbolicLink(stale.resolve("link"), elsewhere);
    RuntimeDirectory.create(temporary).close();
    assertTrue(Files.exists(precious));
    assertTrue(Files.isSymbolicLink(link));
    assertFalse(Files.exists(stale));
  }

  @Test
  void g11_other_names_other_kinds_and_what_has_no_lock_are_left_alone() throws IOException {
    Path file = Files.writeString(temporary.resolve("dunlin-" + NOBODY + "-0123456789abcdef"), "");
    Path other = Files.createDirectory(temporary.resolve("dunlin-cache"));
    Files.writeString(other.resolve("owner"), "");
    Path unlocked = Files.createDirectory(temporary.resolve("dunlin-1-0123456789abcdef"));
    Files.writeString(unlocked.resolve("text"), "");
    RuntimeDirectory.create(temporary).close();
    assertTrue(Files.exists(file));
    assertTrue(Files.exists(other.resolve("owner")));
    assertTrue(Files.exists(unlocked.resolve("text")));
  }

  @Test
  void g11_a_user_file_with_an_absurd_name_keeps_nothing_alive() throws IOException {
    Path stale = stale("fedcba9876543210");
    Files.writeString(stale.resolve("user-x-y"), "");
    Files.writeString(stale.resolve("user-" + NOBODY + "-1"), "");
    Files.writeString(stale.resolve("user-" + ProcessHandle.current().pid() + "-1"), "");
    RuntimeDirectory.create(temporary).close();
    assertFalse(Files.exists(stale));
  }

  @Test
  void g11_a_temporary_directory_that_is_missing_is_an_error_that_names_it() {
    Path missing = temporary.resolve("missing");
    IOException e = assertThrows(IOException.class, () -> RuntimeDirectory.create(missing));
    assertTrue(String.valueOf(e.getMessage()).startsWith(missing.toString()), e::toString);
  }

  private Path stale(String random) throws IOException {
    Path stale = Files.createDirectory(temporary.resolve("dunlin-" + NOBODY + "-" + random));
    Files.writeString(stale.resolve("owner"), "");
    return stale;
  }

  private ChildProcess start(String userPid) {
    return JavaProcess.start(Owner.class, temporary.toString(), userPid);
  }

  private static Path pathOf(ChildProcess owner) {
    return Path.of(owner.stdout().awaitAfter(0, "\n", Await.GENEROUS));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> found = Files.list(temporary)) {
      return found.map(path -> path.getFileName().toString()).toList();
    }
  }
}
