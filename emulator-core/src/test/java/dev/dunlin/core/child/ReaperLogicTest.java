package dev.dunlin.core.child;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.child.Children.Child;
import dev.dunlin.core.child.Children.OwnedChild;
import dev.dunlin.core.child.testing.FakeProcesses;
import dev.dunlin.core.child.testing.FakeProcesses.FakeProcess;
import dev.dunlin.core.loop.testing.ManualLoop;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.WaitStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The reaper's logic with a scripted kernel and a manual clock (guarantee G15 by itself). */
class ReaperLogicTest {
  private static final SpawnRequest TRUE = SpawnRequest.of("true");

  private final ManualLoop loop = new ManualLoop();
  private final FakeProcesses processes = new FakeProcesses(loop);
  private final ReapedChildren children = new ReapedChildren(loop, processes);
  private final List<ExitStatus> statuses = new ArrayList<>();

  @Test
  void g2_an_exit_between_spawn_and_registration_is_not_lost() throws PosixException {
    processes.nextEndsAtOnce(new WaitStatus.Exited(4));
    spawn();
    assertEquals(List.of(), statuses, "not in the middle of the spawn");
    loop.turn();
    assertEquals(List.of(new ExitStatus.Exited(4)), statuses);
  }

  @Test
  void g3_each_status_is_delivered_exactly_once() throws PosixException {
    FakeProcess process = spawn();
    process.end(new WaitStatus.Signalled(11, true));
    loop.turns(5);
    assertEquals(List.of(new ExitStatus.Signalled(11, true)), statuses);
    assertEquals(1, process.collections());
    assertTrue(process.isClosed());
    assertFalse(loop.poller().isRegistered(process.readinessFd()));
  }

  @Test
  void g3_a_second_registration_of_a_living_child_is_refused() throws PosixException {
    ChildReaper reaper = new ChildReaper(loop, processes::leave);
    ProcessSource.Handle process = processes.spawn(TRUE, ImmutableMap.of());
    ChildReaper.Interest interest = new ChildReaper.Interest("first", () -> {}, statuses::add);
    reaper.register(process, interest);
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> reaper.register(process, interest));
    assertEquals("pid " + process.pid() + " is registered already, by first", refused.getMessage());
    processes.last().end(new WaitStatus.Exited(0));
    loop.turns(2);
    assertEquals(List.of(new ExitStatus.Exited(0)), statuses);
  }

  @Test
  void g4_a_streams_child_is_invisible_to_the_reaper() throws PosixException {
    try (OwnedChild child = children.spawnOwned("stream", TRUE)) {
      processes.last().end(new WaitStatus.Exited(3));
      loop.turns(5);
      assertEquals(0, processes.last().collections());
      assertEquals(new ExitStatus.Exited(3), child.await(-1));
      assertEquals(new ExitStatus.Exited(3), child.await(0), "known for good");
    }
    assertEquals(1, processes.last().collections());
    assertTrue(processes.last().isClosed());
  }

  @Test
  void g6_a_stolen_status_is_lost_and_never_success() throws PosixException {
    FakeProcess process = spawn();
    process.endAndSteal();
    loop.turn();
    ExitStatus.Lost lost = assertInstanceOf(ExitStatus.Lost.class, statuses.get(0));
    assertFalse(lost.isSuccess());
    assertTrue(lost.describe().startsWith("exit status lost: pid 100: somebody else"));
    assertEquals(1, statuses.size());
    try (OwnedChild child = children.spawnOwned("stream", TRUE)) {
      processes.last().endAndSteal();
      assertInstanceOf(ExitStatus.Lost.class, child.await(-1));
    }
    assertEquals(2, children.table().counters().lost());
  }

  @Test
  void g8_a_pid_that_comes_back_is_another_child() throws PosixException {
    FakeProcess first = spawn();
    first.endAndSteal();
    processes.nextPid(first.pid());
    List<ExitStatus> second = new ArrayList<>();
    Child child = children.spawn("second", TRUE, second::add);
    assertEquals(first.pid(), child.pid());
    loop.turns(2);
    assertInstanceOf(ExitStatus.Lost.class, statuses.get(0));
    assertEquals(List.of(), second);
    assertTrue(child.signal(15));
    assertEquals(List.of(15), processes.last().signals());
    processes.last().end(new WaitStatus.Exited(0));
    loop.turn();
    assertEquals(List.of(new ExitStatus.Exited(0)), second);
    assertEquals(1, statuses.size());
  }

  @Test
  void a_wakeup_without_an_end_changes_nothing() throws PosixException {
    FakeProcess process = spawn();
    process.wakeSpuriously();
    loop.turns(3);
    assertEquals(List.of(), statuses);
    process.end(new WaitStatus.Exited(0));
    loop.turn();
    assertEquals(List.of(new ExitStatus.Exited(0)), statuses);
  }

  @Test
  void a_child_that_never_was_is_an_error_now_and_on_record() {
    processes.nextFails(Errno.ENOENT);
    PosixException e =
        assertThrows(PosixException.class, () -> children.spawn("smb", TRUE, statuses::add));
    assertEquals(Errno.ENOENT, e.errno());
    ChildRecord record = children.table().history().get(0);
    assertEquals(0, record.pid());
    assertEquals(
        new ExitStatus.NotStarted("true", Errno.ENOENT, "No such file or directory"),
        record.status().orElseThrow());
    assertEquals(new ChildCounters(0, 0, 0, 0, 0, 1), children.table().counters());
  }

  @Test
  void a_listener_that_throws_spoils_nothing() throws PosixException {
    children.spawn(
        "bad",
        TRUE,
        status -> {
          throw new IllegalStateException("a test's failure on purpose");
        });
    FakeProcess bad = processes.last();
    FakeProcess good = spawn();
    bad.end(new WaitStatus.Exited(0));
    good.end(new WaitStatus.Exited(0));
    loop.turns(2);
    assertEquals(List.of(new ExitStatus.Exited(0)), statuses);
    assertEquals(List.of(), children.table().live());
  }

  @Test
  void g9_a_stream_that_gives_up_leaves_its_child_to_the_reaper_alive() throws PosixException {
    OwnedChild child = children.spawnOwned("stream", TRUE);
    FakeProcess process = processes.last();
    child.close();
    child.close();
    loop.turn();
    assertEquals(List.of(), process.signals());
    assertFalse(process.isClosed());
    assertEquals(ChildRecord.Waiter.ADOPTED, children.table().live().get(0).waiter());
    process.end(new WaitStatus.Exited(5));
    loop.turn();
    assertEquals(List.of(), children.table().live());
    assertEquals(
        new ExitStatus.Exited(5), children.table().history().get(0).status().orElseThrow());
    assertTrue(process.isClosed());
  }

  @Test
  void g9_the_time_given_to_a_stream_is_kept_and_named() throws PosixException {
    try (OwnedChild child = children.spawnOwned("stream", TRUE)) {
      assertEquals(new ExitStatus.TimedOut(Duration.ofSeconds(3)), child.await(3_000_000_000L));
      assertEquals(3_000_000_000L, loop.clock().nanoTime());
      processes.last().end(new WaitStatus.Exited(0));
      assertEquals(new ExitStatus.Exited(0), child.await(0));
    }
  }

  @Test
  void g9_escalation_signals_only_when_its_time_has_come_and_stops_at_the_end()
      throws PosixException {
    Escalation escalation =
        Escalation.patience(Duration.ofSeconds(5))
            .thenSignal(15, Duration.ofSeconds(2))
            .thenSignal(9, Duration.ofSeconds(1));
    Child child = children.spawn("helper", TRUE, statuses::add);
    FakeProcess process = processes.last();
    escalation.begin(loop, child);
    loop.advance(Duration.ofMillis(4_999));
    assertEquals(List.of(), process.signals());
    loop.advance(Duration.ofMillis(1));
    assertEquals(List.of(15), process.signals());
    process.end(new WaitStatus.Signalled(15, false));
    loop.advance(Duration.ofSeconds(10));
    assertEquals(List.of(15), process.signals());
  }

  @Test
  void g9_a_stream_child_that_survives_every_step_has_timed_out_and_is_left_to_the_reaper()
      throws PosixException {
    OwnedChild child = children.spawnOwned("stream", TRUE);
    ExitStatus status =
        Escalation.patience(Duration.ofSeconds(1))
            .thenSignal(15, Duration.ofSeconds(2))
            .thenSignal(9, Duration.ofSeconds(3))
            .end(child);
    assertEquals(new ExitStatus.TimedOut(Duration.ofSeconds(6)), status);
    assertEquals(List.of(15, 9), processes.last().signals());
    loop.turn();
    assertEquals(ChildRecord.Waiter.ADOPTED, children.table().live().get(0).waiter());
    children.close();
  }

  @Test
  void g10_the_guard_hears_of_a_helper_before_its_birth_and_before_its_burial()
      throws PosixException {
    Child helper = children.spawn("smb", TRUE.dyingWithVm(), statuses::add);
    FakeProcess guard = processes.all().get(0);
    FakeProcess process = processes.last();
    String mark = process.marks().get(HelperGuard.MARK);
    assertEquals("? " + mark + "\n+ " + mark + " " + helper.pid() + "\n", guard.readStdin());
    loop.turn();
    process.end(new WaitStatus.Exited(0));
    loop.turn();
    assertEquals("- " + mark + "\n", guard.readStdin());
    assertEquals(List.of(new ExitStatus.Exited(0)), statuses);
    guard.end(new WaitStatus.Exited(0));
    children.close();
  }

  @Test
  void g10_one_guard_serves_all_helpers_and_others_need_none() throws PosixException {
    spawn();
    assertEquals(1, processes.all().size());
    children.spawn("a", TRUE.dyingWithVm(), statuses::add);
    children.spawn("b", TRUE.dyingWithVm(), statuses::add);
    assertEquals(4, processes.all().size());
    processes.all().get(1).end(new WaitStatus.Exited(0));
    children.close();
  }

  @Test
  void g10_a_guard_that_dies_is_replaced_and_told_of_the_helpers() throws PosixException {
    Child helper = children.spawn("smb", TRUE.dyingWithVm(), statuses::add);
    String mark = processes.last().marks().get(HelperGuard.MARK);
    loop.advance(Duration.ofSeconds(5));
    processes.all().get(0).end(new WaitStatus.Signalled(9, false));
    loop.turns(2);
    FakeProcess second = processes.last();
    assertEquals("dunlin-guard", second.request().argv().get(3));
    assertEquals("+ " + mark + " " + helper.pid() + "\n", second.readStdin());
    second.end(new WaitStatus.Exited(0));
    children.close();
  }

  @Test
  void g10_a_guard_that_cannot_live_is_not_replaced_in_circles() throws PosixException {
    children.spawn("smb", TRUE.dyingWithVm(), statuses::add);
    processes.all().get(0).end(new WaitStatus.Exited(127));
    loop.turns(5);
    assertEquals(2, processes.all().size());
    children.close();
  }

  @Test
  void g10_without_a_guard_there_is_no_helper() {
    processes.nextFails(Errno.ENOENT);
    PosixException e =
        assertThrows(
            PosixException.class, () -> children.spawn("smb", TRUE.dyingWithVm(), statuses::add));
    assertEquals("posix_spawnp \"/bin/sh\": No such file or directory", e.getMessage());
    assertEquals(List.of(), processes.all());
  }

  @Test
  void g10_a_helper_that_could_not_start_is_forgotten_by_the_guard() throws PosixException {
    children.spawn("first", TRUE.dyingWithVm(), statuses::add);
    FakeProcess guard = processes.all().get(0);
    guard.readStdin();
    processes.nextFails(Errno.EACCES);
    assertThrows(
        PosixException.class, () -> children.spawn("smb", TRUE.dyingWithVm(), statuses::add));
    List<String> said = guard.readStdin().lines().toList();
    assertEquals(2, said.size());
    assertEquals(said.get(0).replace("? ", "- "), said.get(1));
    guard.end(new WaitStatus.Exited(0));
    children.close();
  }

  @Test
  void closing_ends_what_must_not_outlive_the_emulator_and_leaves_the_rest() throws PosixException {
    children.spawn("smb", TRUE.dyingWithVm(), statuses::add);
    FakeProcess guard = processes.all().get(0);
    FakeProcess mortal = processes.last();
    FakeProcess free = spawn();
    loop.turn();
    children.close();
    assertEquals(List.of(15, 9), mortal.signals());
    assertEquals(List.of(), free.signals());
    assertTrue(free.isClosed());
    assertTrue(guard.isClosed());
    assertEquals(0, loop.poller().registeredCount());
  }

  @Test
  void g13_the_history_is_bounded_and_the_counters_are_not() throws PosixException {
    for (int i = 0; i < 3 * ChildTable.HISTORY; i++) {
      spawn().end(new WaitStatus.Exited(i % 3 == 0 ? 1 : 0));
      loop.turn();
    }
    assertEquals(ChildTable.HISTORY, children.table().history().size());
    assertEquals(
        3 * ChildTable.HISTORY, children.table().history().get(ChildTable.HISTORY - 1).id());
    assertEquals(
        new ChildCounters(
            3 * ChildTable.HISTORY, 2 * ChildTable.HISTORY, ChildTable.HISTORY, 0, 0, 0),
        children.table().counters());
  }

  @Test
  void g13_a_record_tells_the_whole_life() throws PosixException {
    children.spawn("smb", SpawnRequest.of("smbd", "-F"), statuses::add);
    FakeProcess process = processes.last();
    long born = loop.clock().wallMicros();
    ChildRecord alive = children.table().live().get(0);
    assertEquals(process.pid(), alive.pid());
    assertEquals("smb", alive.owner());
    assertEquals(List.of("smbd", "-F"), alive.argv());
    assertEquals(born, alive.startMicros());
    assertTrue(alive.status().isEmpty());
    loop.advance(Duration.ofSeconds(2));
    process.end(new WaitStatus.Exited(1));
    loop.turn();
    ChildRecord dead = children.table().history().get(0);
    assertEquals(alive.id(), dead.id());
    assertEquals(born + 2_000_000, dead.endMicros());
    assertSame(statuses.get(0), dead.status().orElseThrow());
  }

  @Test
  void g13_the_monitor_shows_it() throws PosixException {
    children.spawn("smb", SpawnRequest.of("smbd", "-F\u001b[2J"), statuses::add);
    spawn().end(new WaitStatus.Exited(7));
    loop.turn();
    assertEquals(
        """
        pid 100: owner=smb, started 2026-01-01T00:00:00Z, running, waited for by reaper
          smbd -F?[2J
        pid 101: owner=helper, started 2026-01-01T00:00:00Z, exited with status 7 at\
         2026-01-01T00:00:00Z
          true
        2 started: 1 running, 0 succeeded, 1 failed, 0 killed by a signal, 0 lost; 0 could not be\
         started
        """,
        ChildCommands.describe(children.table()));
    assertEquals(
        "{live=[{id=1, pid=100, owner=smb, argv=[smbd, -F\u001b[2J], waiter=reaper,"
            + " start-us=1767225600000000, state=running}],"
            + " ended=[{id=2, pid=101, owner=helper, argv=[true], waiter=reaper,"
            + " start-us=1767225600000000, end-us=1767225600000000, state=ended,"
            + " status={kind=exited, code=7, description=exited with status 7}}],"
            + " counters={started=2, succeeded=0, failed=1, signalled=0, lost=0, not-started=0}}",
        ChildCommands.query(children.table()).toString());
  }

  private FakeProcess spawn() throws PosixException {
    children.spawn("helper", TRUE, statuses::add);
    return processes.last();
  }
}
