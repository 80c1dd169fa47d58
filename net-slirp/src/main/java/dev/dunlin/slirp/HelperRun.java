package dev.dunlin.slirp;

import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.child.OutputTail;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.slirp.host.ChildPlan;
import dev.dunlin.slirp.host.ChildWords;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One helper, from its start to its last words. What it says is told soon after; if it ends badly
 * before that, it is told as the reason for it. Emulator's loop.
 */
final class HelperRun {
  /** Who complains and dies of it does so within this. */
  private static final Duration SOON = Duration.ofMillis(500);

  private final ChildPlan plan;
  private final HelperLedger.Entry entry;
  private final MainLoop loop;
  private final Optional<ChildWords> words;
  private final OutputTail tail;
  private final List<String> untold = new ArrayList<>();
  private Optional<LoopTimer> telling = Optional.empty();
  private Runnable end = () -> {};

  /**
   * @throws PosixException when there is no pipe for its standard error
   */
  HelperRun(ChildPlan plan, HelperLedger.Entry entry, MainLoop loop) throws PosixException {
    this.plan = plan;
    this.entry = entry;
    this.loop = loop;
    this.words = plan.words();
    this.tail = words.isPresent() ? OutputTail.open(loop, this::heard) : OutputTail.open(loop);
  }

  /** Its fd 2. */
  int stderr() {
    return tail.childFd();
  }

  void neverStarted() {
    tail.childStarted();
    tail.close();
  }

  void started(int pid) {
    tail.childStarted();
    entry.started(pid);
    plan.trouble().ifPresent(this::tellSoon);
    try {
      end = plan.started(pid);
    } catch (IOException e) {
      tellSoon(e.toString());
    }
  }

  private void heard(String line) {
    words.flatMap(reader -> reader.heard(line)).ifPresent(this::tellSoon);
  }

  private void tellSoon(String text) {
    untold.add(text);
    if (telling.isEmpty()) {
      telling = Optional.of(loop.schedule(SOON, this::tell));
    }
  }

  private void tell() {
    telling.ifPresent(LoopTimer::cancel);
    telling = Optional.empty();
    untold.forEach(entry::tell);
    untold.clear();
  }

  /** Whether it ended as it should; another end is told. */
  boolean ended(ExitStatus status) {
    String said = tail.lastLines();
    tail.close();
    end.run();
    boolean orderly = plan.isOrderly(status);
    if (orderly) {
      entry.ended();
    } else {
      untold.clear();
      entry.endedBadly(status, reason(words.map(ChildWords::last).orElse(said)));
    }
    tell();
    return orderly;
  }

  private String reason(String said) {
    return Stream.concat(Stream.of(said), plan.trouble().stream())
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining("; "));
  }
}
