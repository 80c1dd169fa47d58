package dev.dunlin.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.slirp.host.ChildPlan;
import dev.dunlin.slirp.host.GuestFlow;
import dev.dunlin.slirp.host.HelperRecord;
import dev.dunlin.slirp.testing.ManualClock;
import dev.dunlin.slirp.wire.IpAddr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HelperLedgerTest {
  private static final Optional<GuestFlow> FLOW =
      Optional.of(new GuestFlow(IpAddr.parse("10.0.2.15"), 49200, IpAddr.parse("10.0.2.4"), 445));
  private static final ExitStatus KILLED = new ExitStatus.Signalled(9, false);

  private final HelperLedger ledger = new HelperLedger(new ManualClock());

  private record Plan(String network, String service) implements ChildPlan {
    @Override
    public SpawnRequest request() {
      return SpawnRequest.of("/bin/true");
    }

    @Override
    public boolean isOrderly(ExitStatus status) {
      return status.equals(new ExitStatus.Exited(0));
    }

    @Override
    public Runnable started(int pid) {
      return () -> {};
    }
  }

  private HelperLedger.Entry enter(String network) {
    return ledger.enter(new Plan(network, "smb"), FLOW).orElseThrow();
  }

  @Test
  void a_helper_is_shown_from_its_start_to_its_orderly_end() {
    HelperLedger.Entry entry = enter("u");
    assertEquals(List.of(), ledger.of("u"), "not before there is a process");
    entry.started(77);
    assertEquals(List.of(new HelperRecord("smb", 77, FLOW, Optional.empty(), "")), ledger.of("u"));
    assertEquals(List.of(), ledger.of("v"), "another network's");
    entry.ended();
    assertEquals(List.of(), ledger.of("u"));
  }

  @Test
  void a_bad_end_is_remembered_with_its_connection_and_its_words() {
    HelperLedger.Entry entry = enter("u");
    entry.started(77);
    entry.endedBadly(KILLED, "out of memory");
    assertEquals(
        List.of(new HelperRecord("smb", 77, FLOW, Optional.of(KILLED), "out of memory")),
        ledger.of("u"));
    ledger.forget("u");
    assertEquals(List.of(), ledger.of("u"));
  }

  @Test
  void one_that_never_started_is_remembered_without_a_pid() {
    enter("u").notStarted("No such file or directory");
    HelperRecord record = ledger.of("u").get(0);
    assertEquals(0, record.pid());
    assertEquals("could not be started", record.state());
    assertEquals("No such file or directory", record.words());
  }

  @Test
  void only_the_last_bad_ends_are_kept() {
    for (int pid = 1; pid <= 100; pid++) {
      HelperLedger.Entry entry = enter("u");
      entry.started(pid);
      entry.endedBadly(KILLED, "");
    }
    List<Integer> pids = ledger.of("u").stream().map(HelperRecord::pid).toList();
    assertEquals(HelperLedger.HISTORY, pids.size());
    assertEquals(100 - HelperLedger.HISTORY + 1, pids.get(0));
    assertEquals(100, pids.get(pids.size() - 1));
  }

  @Test
  void one_more_than_the_most_is_refused_and_room_is_made_by_an_end() {
    List<HelperLedger.Entry> all = new ArrayList<>();
    for (int i = 0; i < HelperLedger.MOST; i++) {
      all.add(enter("u"));
    }
    Plan plan = new Plan("u", "smb");
    assertTrue(ledger.enter(plan, FLOW).isEmpty());
    assertEquals("64 of its kind are running, which is the most", ledger.of("u").get(0).words());
    assertTrue(ledger.enter(new Plan("v", "smb"), FLOW).isPresent(), "each network has its own");
    all.get(0).started(5);
    all.get(0).ended();
    assertTrue(ledger.enter(plan, FLOW).isPresent());
  }
}
