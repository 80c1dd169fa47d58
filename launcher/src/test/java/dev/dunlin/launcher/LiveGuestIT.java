package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.QmpClient;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.WrittenPages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest that dirties 50 MB a second, migrated with at most 128 MiB a second into a real QEMU: it
 * is done, and what arrives is one instant of its memory. {@code bench/migrate live} measures that.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class LiveGuestIT {
  private static final long MIB = 1 << 20;
  private static final long START = MIB;
  private static final long BYTES = 64 * MIB;
  private static final List<String> MACHINE =
      List.of("-m", "80M", "-nodefaults", "-vga", "none", "-device", "VGA,global-vmstate=on");

  @TempDir Path temp;

  @Test
  void no_page_is_lost_or_old_when_copies_go_over_a_socket() throws Exception {
    Path socket = temp.resolve("in");
    try (RealQemu target = target("unix:" + socket)) {
      migrate(target, "unix:" + socket);
    }
  }

  @Test
  void no_page_is_lost_or_old_when_references_go_into_a_pipe() throws Exception {
    Path fifo = temp.resolve("fifo");
    try (RealQemu target = target("exec:mkfifo " + fifo + " && cat " + fifo)) {
      migrate(target, "exec:until [ -p " + fifo + " ]; do sleep 0.1; done; cat >" + fifo);
    }
  }

  private static RealQemu target(String uri) {
    List<String> arguments = new ArrayList<>(MACHINE);
    arguments.addAll(List.of("-S", "-incoming", uri));
    return RealQemu.start(arguments.toArray(String[]::new));
  }

  private void migrate(RealQemu target, String uri) throws Exception {
    Path fill = temp.resolve("fill");
    WrittenPages.fill(fill, (int) (BYTES / 4096));
    List<String> arguments = new ArrayList<>(MACHINE);
    arguments.add("-device");
    arguments.add("loader,file=%s,force-raw=on,addr=%d".formatted(fill, START));
    arguments.add("-device");
    arguments.add("ram-writer,start=%d,end=%d,rate=50000000".formatted(START, START + BYTES));
    try (DunlinProcess dunlin = DunlinProcess.startWithMonitors(arguments.toArray(String[]::new));
        QmpClient source = dunlin.qmp()) {
      source.execute(
          "migrate-set-parameters", Map.of("max-bandwidth", 128 * MIB, "downtime-limit", 50));
      source.execute("migrate", Map.of("uri", uri));
      Await.until("the end", () -> !List.of("setup", "active").contains(status(source)));
      assertEquals("completed", status(source), () -> source.human("info migrate"));
      assertEquals("completed", target.awaitMigration());
      assertTrue(rounds(source) > 2, () -> source.human("info migrate"));
      assertTrue(pagesWritten(source) > 0);
      assertEquals(pagesWritten(source), pagesWritten(target.qmp()));
    }
  }

  private long pagesWritten(QmpClient qmp) throws Exception {
    Path memory = temp.resolve("memory");
    qmp.execute("pmemsave", Map.of("val", START, "size", BYTES, "filename", memory.toString()));
    return WrittenPages.count(temp.resolve("fill"), memory);
  }

  private static String status(QmpClient qmp) {
    return String.valueOf(qmp.query("query-migrate").get("status"));
  }

  private static long rounds(QmpClient qmp) {
    return qmp.query("query-migrate").get("ram") instanceof Map<?, ?> ram
            && ram.get("dirty-sync-count") instanceof Number count
        ? count.longValue()
        : 0;
  }
}
