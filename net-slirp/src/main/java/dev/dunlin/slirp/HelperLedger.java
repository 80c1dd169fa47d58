package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.slirp.host.ChildPlan;
import dev.dunlin.slirp.host.GuestFlow;
import dev.dunlin.slirp.host.HelperRecord;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * What is known of every helper: which connection it serves, and of the last that ended badly, why.
 * It also holds the two bounds on what a guest can do by connecting: so many helpers at a time, so
 * many messages a minute. Emulator's loop.
 */
final class HelperLedger {
  /** Helpers of one service at a time; the next connection is reset. */
  static final int MOST = 64;

  /** Bad ends remembered of each network. */
  static final int HISTORY = 16;

  private static final int MESSAGES = 30;
  private static final Logger LOG = LogManager.getLogger(Helpers.class);

  private final List<Entry> present = new ArrayList<>();
  private final Map<String, Deque<HelperRecord>> badEnds = new HashMap<>();
  private final LogLimit limit;

  HelperLedger(Clock clock) {
    limit = new LogLimit(clock, MESSAGES, Duration.ofMinutes(1));
  }

  /** A helper to come; empty when there are too many already, which the log says. */
  Optional<Entry> enter(ChildPlan plan, Optional<GuestFlow> flow) {
    Entry entry = new Entry(plan, flow);
    if (present.stream().filter(each -> each.plan.owner().equals(plan.owner())).count() >= MOST) {
      entry.notStarted(MOST + " of its kind are running, which is the most");
      return Optional.empty();
    }
    present.add(entry);
    return Optional.of(entry);
  }

  /** Those that run, then those that ended badly. */
  ImmutableList<HelperRecord> of(String network) {
    ImmutableList.Builder<HelperRecord> records = ImmutableList.builder();
    present.stream()
        .filter(entry -> entry.pid != 0 && entry.plan.network().equals(network))
        .forEach(entry -> records.add(entry.record(Optional.empty(), "")));
    return records.addAll(badEnds.getOrDefault(network, new ArrayDeque<>())).build();
  }

  /** Forgets a network that is gone. */
  void forget(String network) {
    badEnds.remove(network);
  }

  private void remember(String network, HelperRecord record) {
    Deque<HelperRecord> ends = badEnds.computeIfAbsent(network, name -> new ArrayDeque<>());
    ends.addLast(record);
    if (ends.size() > HISTORY) {
      ends.removeFirst();
    }
  }

  /** One helper, from the decision to start it to its end. */
  final class Entry {
    private final ChildPlan plan;
    private final Optional<GuestFlow> flow;
    private int pid;

    private Entry(ChildPlan plan, Optional<GuestFlow> flow) {
      this.plan = plan;
      this.flow = flow;
    }

    void started(int number) {
      pid = number;
    }

    /** It won't come to be. */
    void notStarted(String reason) {
      present.remove(this);
      remember(plan.network(), record(Optional.empty(), reason));
      tell("could not be started: " + reason);
    }

    void ended() {
      present.remove(this);
    }

    /** It has ended, and not as it should. */
    void endedBadly(ExitStatus status, String words) {
      present.remove(this);
      remember(plan.network(), record(Optional.of(status), words));
      tell(status.describe() + (words.isEmpty() ? "" : ": " + words));
    }

    /** A warning about it. */
    void tell(String message) {
      LogLimit.Verdict verdict = limit.next();
      if (verdict != LogLimit.Verdict.DROP) {
        LOG.warn("{}: {}{}", plan.owner(), who(), message);
      }
      if (verdict == LogLimit.Verdict.LAST) {
        LOG.warn("more about helpers is left out for a minute");
      }
    }

    private String who() {
      String named = pid == 0 ? "" : "pid " + pid;
      String served = flow.map(guest -> (named.isEmpty() ? "for " : " for ") + guest).orElse("");
      return named.isEmpty() && served.isEmpty() ? "" : named + served + ": ";
    }

    private HelperRecord record(Optional<ExitStatus> status, String words) {
      return new HelperRecord(plan.service(), pid, flow, status, words);
    }
  }
}
