package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.run.RunState;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Machines large enough for their pages to go by reference where that can be. */
@NoLeaks
class SplicedMigrationTest {
  private static final int PAGES = 65_536;
  private static final long LENGTH = (long) PAGES * RamBlock.PAGE_SIZE;

  /** The end of RAM, and more than what goes by copy: some stays what it was by reference. */
  private static final long FILLED = 160L << 20;

  /** So little that a socket's buffer takes it. */
  private static final long LEFT_UNREAD = 100_000;

  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  private static TestVm machine() throws Exception {
    return machine("migration.x-splice=on");
  }

  private static TestVm machine(String global) throws Exception {
    TestVm vm = TestVm.none(PAGES).option("global", global).start();
    overwrite(vm, 1);
    vm.hmp("migrate_set_parameter max-bandwidth 0");
    return vm;
  }

  private static void overwrite(TestVm vm, long seed) {
    byte[] piece = new byte[1 << 20];
    Random random = new Random(seed);
    for (long at = LENGTH - FILLED; at < LENGTH; at += piece.length) {
      random.nextBytes(piece);
      vm.ram().blocks().get(0).write(at, ByteBuffer.wrap(piece));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix", "tcp"})
  void what_arrives_is_what_a_busy_guest_has_when_it_stands_still(String kind) throws Exception {
    String listen = kind.equals("unix") ? "unix:" + directory.resolve("s") : "tcp:127.0.0.1:0";
    try (TestVm vm = machine();
        TestVm target = TestVm.none(PAGES).option("incoming", listen).start()) {
      String last = migrateBusy(vm, kind.equals("unix") ? listen : target.listening());
      assertEquals("completed", target.awaitEnd());
      assertEquals(last, target.sha256("ram", 0, LENGTH));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  void what_a_command_saves_is_what_a_busy_guest_has_when_it_stands_still(String splice)
      throws Exception {
    Path file = directory.resolve("saved");
    String last;
    try (TestVm vm = machine("migration.x-splice=" + splice)) {
      last = migrateBusy(vm, "\"exec:cat >" + file + "\"");
    }
    try (TestVm target = TestVm.none(PAGES).option("incoming", "file:" + file).start()) {
      assertEquals("completed", target.awaitEnd());
      assertEquals(last, target.sha256("ram", 0, LENGTH));
    }
  }

  /** Migrates a guest that writes all the while, and returns the digest of its last memory. */
  private static String migrateBusy(TestVm vm, String uri) throws Exception {
    try (WriterCpu cpu = new WriterCpu(vm.ram().blocks().get(0), 1 << 14)) {
      vm.onLoop(
          () -> {
            vm.run().addCpu(cpu);
            return vm.run().start();
          });
      Await.until("the guest to write", () -> cpu.writes() > 1 << 14);
      vm.hmp("migrate_set_parameter downtime-limit 5000");
      assertEquals("", vm.hmp("migrate " + uri));
      assertEquals("completed", vm.statusLine());
      assertEquals(RunState.POSTMIGRATE, vm.state());
      String last = vm.sha256("ram", 0, LENGTH);
      vm.onLoop(
          () -> {
            vm.run().removeCpu(cpu);
            return true;
          });
      return last;
    }
  }

  @Test
  void a_reader_that_goes_away_in_the_middle_fails_it() throws Exception {
    try (TestVm vm = machine();
        TestPeer peer = TestPeer.of("unix", directory)) {
      vm.hmp("migrate -d " + peer.uri());
      peer.accept().read(50 << 20).hangUp();
      String line = vm.awaitEnd();
      assertTrue(
          line.equals("failed (Unable to write to socket: Broken pipe)")
              || line.equals("failed (Unable to write to socket: Connection reset by peer)"),
          line);
    }
  }

  @Test
  void cancel_frees_a_writer_whose_reader_stopped_reading() throws Exception {
    try (TestVm vm = machine();
        TestPeer peer = TestPeer.of("unix", directory)) {
      vm.running().hmp("migrate -d " + peer.uri());
      peer.accept().read(50 << 20);
      vm.hmp("migrate_cancel");
      assertEquals("cancelled", vm.awaitEnd());
      assertEquals(RunState.RUNNING, vm.state());
    }
  }

  /**
   * What a TCP reader's host has acknowledged it may read long after {@code completed}. (Of a unix
   * socket nothing is left then.)
   */
  @Test
  void what_a_guest_writes_after_the_end_is_not_in_what_a_late_reader_finds() throws Exception {
    Path file = directory.resolve("saved");
    String saved;
    try (TestVm vm = machine();
        FileChannel out =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      saved = vm.sha256("ram", 0, LENGTH);
      long length = read(vm.running());
      try (TestPeer peer = TestPeer.tcp()) {
        vm.running().hmp("migrate -d " + peer.uri());
        peer.accept().store(out, length - LEFT_UNREAD);
        assertEquals("completed", vm.awaitEnd());
        overwrite(vm, 2);
        peer.store(out, Long.MAX_VALUE);
      }
    }
    try (TestVm target = TestVm.none(PAGES).option("incoming", "file:" + file).start()) {
      assertEquals("completed", target.awaitEnd());
      assertEquals(saved, target.sha256("ram", 0, LENGTH));
    }
  }

  /** How long its stream is. */
  private static long read(TestVm vm) throws Exception {
    try (TestPeer peer = TestPeer.tcp()) {
      vm.hmp("migrate -d " + peer.uri());
      long length = peer.accept().readAll();
      assertEquals("completed", vm.awaitEnd());
      return length;
    }
  }
}
