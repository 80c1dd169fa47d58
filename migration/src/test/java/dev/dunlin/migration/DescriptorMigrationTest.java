package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.posix.Pipe;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code fd:} with a descriptor that came over the monitor. */
@NoLeaks
class DescriptorMigrationTest {
  @BeforeAll
  static void warmUp() throws Exception {
    TestVm.warmUp();
  }

  @Test
  void a_guest_goes_through_a_pipe_from_one_machine_to_another() throws Exception {
    Pipe pipe = Pipe.open();
    try (TestVm source = TestVm.none(1024).start().scribble(1).running();
        TestVm target = TestVm.none(1024).option("incoming", "defer").start()) {
      source.onLoop(() -> source.fds().put("out", pipe.writeEnd().detach()));
      target.onLoop(() -> target.fds().put("in", pipe.readEnd().detach()));
      assertEquals("", target.hmp("migrate_incoming fd:in"));
      assertEquals("", source.hmp("migrate fd:out"));
      assertEquals("completed", source.statusLine());
      assertEquals("completed", target.awaitEnd());
      assertArrayEquals(source.bytes("ram"), target.bytes("ram"));
      assertEquals(
          "Error: File descriptor named 'out' has not been found\n",
          source.running().hmp("migrate fd:out"));
    }
  }

  @Test
  void a_reader_that_goes_away_fails_the_migration() throws Exception {
    Pipe pipe = Pipe.open();
    try (TestVm source = TestVm.none(1024).start().scribble(1).running()) {
      source.onLoop(() -> source.fds().put("out", pipe.writeEnd().detach()));
      pipe.readEnd().close();
      source.hmp("migrate fd:out");
      assertEquals("failed (Unable to write to file: Broken pipe)", source.statusLine());
    }
  }

  @Test
  void cancel_frees_a_writer_whose_reader_never_reads() throws Exception {
    Pipe pipe = Pipe.open();
    try (TestVm source = TestVm.none(1024).start().scribble(1).running()) {
      source.onLoop(() -> source.fds().put("out", pipe.writeEnd().detach()));
      source.hmp("migrate -d fd:out");
      Await.until("the pipe to be full", () -> pipe.readEnd().available() > 60_000);
      source.hmp("migrate_cancel");
      assertEquals("cancelled", source.awaitEnd());
    }
    pipe.readEnd().close();
  }

  @Test
  void a_number_that_is_open_but_no_stream_is_refused_and_left_open() throws Exception {
    try (Pipe pipe = Pipe.open()) {
      pipe.writeEnd().write(java.nio.ByteBuffer.wrap(new byte[100]));
      try (TestVm target =
          TestVm.none(4).option("incoming", "fd:" + pipe.readEnd().number()).start()) {
        assertEquals(1, target.exit.get());
        assertEquals(
            List.of("Not a migration stream", "load of migration failed: Invalid argument"),
            target.complaints);
      }
      assertTrue(pipe.readEnd().isCloseOnExec());
    }
  }
}
