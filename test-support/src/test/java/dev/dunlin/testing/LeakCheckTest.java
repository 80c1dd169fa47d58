package dev.dunlin.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LeakCheckTest {
  @TempDir Path temp;

  @Test
  void a_file_left_open_is_named() throws Exception {
    LeakCheck check = LeakCheck.begin();
    Path file = temp.resolve("left-open");
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.write(1);
      assertTrue(check.left().toString().contains("left-open"), check.left()::toString);
    }
    assertEquals(List.of(), check.left());
  }

  @Test
  void a_pipe_left_open_is_counted_though_others_were_open_before() throws Exception {
    Pipe before = Pipe.open();
    LeakCheck check = LeakCheck.begin();
    Pipe more = Pipe.open();
    assertEquals(2, check.left().size());
    more.source().close();
    more.sink().close();
    before.source().close();
    before.sink().close();
    check.close();
  }

  @Test
  void a_thread_still_running_is_named() throws Exception {
    LeakCheck check = LeakCheck.begin();
    CountDownLatch end = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "straggler");
    thread.start();
    assertEquals(List.of("thread straggler"), check.left());
    end.countDown();
    check.close();
  }

  @Test
  void a_running_child_is_named_until_it_is_gone() throws Exception {
    LeakCheck check = LeakCheck.begin();
    Process child =
        new ProcessBuilder("sleep", "600").redirectErrorStream(true).inheritIO().start();
    assertFalse(check.left().isEmpty());
    child.destroyForcibly();
    check.close();
  }

  @Test
  void a_temp_directory_is_named_until_it_is_deleted() {
    LeakCheck check = LeakCheck.begin();
    Path left = TempDirs.create("left");
    assertTrue(check.left().toString().contains(left.getFileName().toString()));
    TempDirs.delete(left);
    check.close();
  }
}
