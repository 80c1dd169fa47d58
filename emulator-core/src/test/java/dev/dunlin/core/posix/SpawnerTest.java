package dev.dunlin.core.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.testing.NoLeaks;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NoLeaks
class SpawnerTest {

  /** What the JVM opens once and for ever, while the first native library is loaded. */
  @BeforeAll
  static void bind() throws PosixException {
    statusOf("exit 0");
  }

  @Test
  void the_status_is_the_childs_own() throws PosixException {
    assertEquals(new WaitStatus.Exited(0), statusOf("exit 0"));
    assertEquals(new WaitStatus.Exited(37), statusOf("exit 37"));
    assertEquals(new WaitStatus.Signalled(9, false), statusOf("kill -9 $$"));
    assertEquals(new WaitStatus.Exited(137), statusOf("exit 137"));
  }

  @Test
  void a_core_dump_is_told_apart() {
    assertEquals(new WaitStatus.Signalled(11, true), WaitStatus.ofWord(0x8b));
    assertEquals(new WaitStatus.Signalled(15, false), WaitStatus.ofWord(0x0f));
    assertEquals(new WaitStatus.Exited(3), WaitStatus.ofWord(0x300));
  }

  @Test
  void a_child_that_runs_is_running_and_can_be_signalled_until_its_end() throws PosixException {
    try (PidFd child = Spawner.spawn(SpawnRequest.of("sleep", "1000"))) {
      assertEquals(WaitStatus.RUNNING, child.collect());
      assertFalse(child.awaitEnd(0));
      assertTrue(child.signal(15));
      assertTrue(child.awaitEnd(-1));
      assertEquals(new WaitStatus.Signalled(15, false), child.collect());
      assertFalse(child.signal(15));
    }
  }

  @Test
  void a_second_collection_is_a_loss_and_never_a_success() throws PosixException {
    try (PidFd child = Spawner.spawn(SpawnRequest.of("true"))) {
      child.awaitEnd(-1);
      assertEquals(new WaitStatus.Exited(0), child.collect());
      WaitStatus.Stolen again = assertInstanceOf(WaitStatus.Stolen.class, child.collect());
      assertTrue(again.reason().contains("somebody else"), again.reason());
    }
  }

  @Test
  void a_child_gone_before_its_handle_is_readable_and_stolen() throws PosixException {
    PidFd first = Spawner.spawn(SpawnRequest.of("true"));
    first.awaitEnd(-1);
    first.collect();
    first.close();
    try (PidFd late = PidFd.ofChild(first.pid())) {
      assertTrue(late.awaitEnd(0));
      assertInstanceOf(WaitStatus.Stolen.class, late.collect());
      assertFalse(late.signal(9));
    }
  }

  @Test
  void a_program_that_is_missing_or_no_program_is_refused_before_any_child() {
    assertEquals(
        "posix_spawnp \"/no/such/program\": No such file or directory",
        refusal(SpawnRequest.of("/no/such/program")).getMessage());
    assertEquals(Errno.ENOENT, refusal(SpawnRequest.of("no-such-program-anywhere")).errno());
    assertEquals(Errno.EACCES, refusal(SpawnRequest.of("/etc/passwd")).errno());
    assertEquals(Errno.EINVAL, refusal(SpawnRequest.of("echo", "a\0b")).errno());
  }

  @Test
  void a_missing_directory_is_named_instead_of_the_program() {
    SpawnRequest request = in(SpawnRequest.of("true"), "/no/such/dir");
    assertEquals(
        "chdir \"/no/such/dir\": No such file or directory", refusal(request).getMessage());
  }

  @Test
  void the_child_runs_in_the_directory_asked_for(@TempDir Path directory) throws Exception {
    assertEquals(
        directory.toRealPath() + "\n", outputOf(in(SpawnRequest.shell("pwd -P"), "" + directory)));
  }

  @Test
  void arguments_arrive_as_they_are() throws PosixException {
    assertEquals(
        "a b|ä€𝄞||$x\n|", outputOf(SpawnRequest.of("printf", "%s|", "a b", "ä€𝄞", "", "$x\n")));
  }

  @Test
  void the_environment_is_inherited_or_exactly_what_was_given() throws PosixException {
    String path = System.getenv("PATH");
    assertEquals(path + "\n", outputOf(SpawnRequest.shell("echo \"$PATH\"")));
    SpawnRequest bare =
        new SpawnRequest(
            ImmutableList.of("/usr/bin/env"),
            Optional.of(ImmutableMap.of("ONLY", "this one")),
            Optional.empty(),
            SpawnRequest.DEV_NULL,
            SpawnRequest.DEV_NULL,
            SpawnRequest.INHERIT,
            false,
            false);
    assertEquals("ONLY=this one\n", outputOf(bare));
  }

  @Test
  void the_child_has_no_descriptor_but_its_first_three(@TempDir Path directory) throws Exception {
    try (Pipe leaky = Pipe.open();
        var file =
            Files.newByteChannel(
                directory.resolve("x"),
                java.util.Set.of(
                    java.nio.file.StandardOpenOption.CREATE,
                    java.nio.file.StandardOpenOption.WRITE))) {
      leaky.writeEnd().setCloseOnExec(false);
      leaky.readEnd().setCloseOnExec(false);
      assertTrue(file.isOpen());
      // The shell lists its own table by globbing: one more for the directory while it reads it.
      String seen = outputOf(SpawnRequest.shell("for f in /proc/$$/fd/*; do echo ${f##*/}; done"));
      List<String> numbers = seen.lines().filter(line -> Integer.parseInt(line) > 2).toList();
      assertTrue(numbers.size() <= 1, seen);
      assertTrue(seen.startsWith("0\n1\n2\n"), seen);
      for (String number : numbers) {
        assertFalse(Integer.parseInt(number) == leaky.writeEnd().number(), seen);
      }
    }
  }

  @Test
  void the_child_blocks_and_ignores_no_signal() throws PosixException {
    String status = outputOf(SpawnRequest.of("grep", "^Sig", "/proc/self/status"));
    assertTrue(status.contains("SigBlk:\t0000000000000000"), status);
    String ignored =
        status.lines().filter(line -> line.startsWith("SigIgn:")).findFirst().orElseThrow();
    // 32 and 33 belong to libc's threads and may stay ignored.
    long mask = Long.parseUnsignedLong(ignored.substring(8).trim(), 16);
    assertEquals(0, mask & ~(3L << 31), status);
  }

  @Test
  void a_session_of_its_own_is_had_only_when_asked_for() throws PosixException {
    String leads =
        "read -r x </proc/self/stat; set -- ${x##*) }; test $4 = $$ && echo leader; true";
    assertEquals("", outputOf(SpawnRequest.shell(leads)));
    assertEquals("leader\n", outputOf(SpawnRequest.shell(leads).inOwnSession()));
    assertEquals("leader\n", outputOf(SpawnRequest.shell(leads).dyingWithVm()));
  }

  @Test
  void standard_descriptors_may_be_crossed() throws Exception {
    // 0-2 of a test JVM can't be swapped, so one child swaps them and its stderr is read instead.
    try (Pipe out = Pipe.open();
        Pipe err = Pipe.open()) {
      SpawnRequest request =
          SpawnRequest.shell("echo out; echo err >&2")
              .withFds(SpawnRequest.DEV_NULL, out.writeEnd().number(), err.writeEnd().number());
      try (PidFd child = Spawner.spawn(request)) {
        child.awaitEnd(-1);
        child.collect();
      }
      out.writeEnd().close();
      err.writeEnd().close();
      assertEquals("out\n", readAll(out.readEnd()));
      assertEquals("err\n", readAll(err.readEnd()));
    }
  }

  @Test
  void a_source_among_the_first_three_is_moved_out_of_the_way() throws PosixException {
    SpawnRequest crossed = SpawnRequest.of("true").withFds(1, 2, 1);
    try (StandardFds fds = StandardFds.of(crossed)) {
      for (int target = 0; target < StandardFds.COUNT; target++) {
        assertTrue(fds.source(target) > 2 || fds.source(target) == target);
      }
    }
    try (PidFd child = Spawner.spawn(crossed)) {
      child.awaitEnd(-1);
      assertEquals(new WaitStatus.Exited(0), child.collect());
    }
  }

  @Test
  void one_source_may_serve_twice() throws PosixException {
    try (Pipe both = Pipe.open()) {
      int end = both.writeEnd().number();
      try (PidFd child =
          Spawner.spawn(
              SpawnRequest.shell("echo out; echo err >&2")
                  .withFds(SpawnRequest.DEV_NULL, end, end))) {
        child.awaitEnd(-1);
        child.collect();
      }
      both.writeEnd().close();
      assertEquals("out\nerr\n", readAll(both.readEnd()));
    }
  }

  private static WaitStatus statusOf(String command) throws PosixException {
    try (PidFd child = Spawner.spawn(SpawnRequest.shell(command))) {
      child.awaitEnd(-1);
      return child.collect();
    }
  }

  private static PosixException refusal(SpawnRequest request) {
    return assertThrows(PosixException.class, () -> Spawner.spawn(request));
  }

  private static SpawnRequest in(SpawnRequest request, String directory) {
    return new SpawnRequest(
        request.argv(),
        request.environment(),
        Optional.of(directory),
        request.stdin(),
        request.stdout(),
        request.stderr(),
        request.ownSession(),
        request.dieWithVm());
  }

  private static String outputOf(SpawnRequest request) throws PosixException {
    try (Pipe pipe = Pipe.open();
        PidFd child =
            Spawner.spawn(
                request.withFds(
                    SpawnRequest.DEV_NULL, pipe.writeEnd().number(), SpawnRequest.INHERIT))) {
      pipe.writeEnd().close();
      String output = readAll(pipe.readEnd());
      child.awaitEnd(-1);
      child.collect();
      return output;
    }
  }

  private static String readAll(Fd fd) throws PosixException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (fd.read(buffer.clear()) instanceof IoOutcome.Transferred transferred) {
      all.write(buffer.array(), 0, transferred.bytes());
    }
    return all.toString(UTF_8);
  }
}
