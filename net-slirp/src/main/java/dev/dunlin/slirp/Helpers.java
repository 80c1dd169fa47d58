package dev.dunlin.slirp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.child.Children;
import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.LoopbackPair;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.slirp.host.ChildPlan;
import dev.dunlin.slirp.host.ChildStarter;
import dev.dunlin.slirp.host.GuestFlow;
import dev.dunlin.slirp.host.HelperRecord;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * {@link ChildStarter} by the emulator's children: each is registered with its reaper in the step
 * that starts it, and how it ended is told with the connection that it served and the last lines
 * that it said.
 */
final class Helpers implements ChildStarter {
  private final MainLoop loop;
  private final Children children;
  private final HelperLedger ledger;

  Helpers(MainLoop loop, Children children) {
    this.loop = loop;
    this.children = children;
    this.ledger = new HelperLedger(loop.clock());
  }

  @Override
  public void start(ChildPlan plan, GuestFlow flow, Executor network, Outcome outcome) {
    loop.execute(
        () ->
            ledger
                .enter(plan, Optional.of(flow))
                .ifPresentOrElse(
                    entry -> plan.whenReady(() -> begin(plan, entry, network, outcome)),
                    () -> network.execute(outcome::failed)));
  }

  private void begin(ChildPlan plan, HelperLedger.Entry entry, Executor network, Outcome outcome) {
    Optional<StreamSocket> connection =
        launch(plan, entry, orderly -> network.execute(() -> outcome.ended(orderly)));
    network.execute(() -> connection.ifPresentOrElse(outcome::started, outcome::failed));
  }

  @Override
  public Companion companion(ChildPlan plan, BooleanSupplier isUp) {
    return new HelperCompanion(loop, onEnd -> accompany(plan, onEnd), isUp);
  }

  private Optional<StreamSocket> accompany(ChildPlan plan, Consumer<Boolean> onEnd) {
    return ledger.enter(plan, Optional.empty()).flatMap(entry -> launch(plan, entry, onEnd));
  }

  @Override
  public ImmutableList<HelperRecord> helpers(String network) {
    return ledger.of(network);
  }

  @Override
  public void forget(String network) {
    ledger.forget(network);
  }

  /** Our end of its connection; empty when there is no child, which the log says. */
  private Optional<StreamSocket> launch(
      ChildPlan plan, HelperLedger.Entry entry, Consumer<Boolean> onEnd) {
    try {
      SpawnRequest request = plan.request();
      LoopbackPair pair = LoopbackPair.open();
      try {
        spawn(plan, request, pair, entry, onEnd);
      } catch (PosixException e) {
        pair.close();
        throw e;
      }
      pair.theirs().close();
      return Optional.of(pair.ours());
    } catch (PosixException e) {
      entry.notStarted(e.errorText());
    } catch (IOException e) {
      entry.notStarted(String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  private void spawn(
      ChildPlan plan,
      SpawnRequest request,
      LoopbackPair pair,
      HelperLedger.Entry entry,
      Consumer<Boolean> onEnd)
      throws PosixException {
    HelperRun running = new HelperRun(plan, entry, loop);
    int end = pair.theirs().number();
    try {
      Children.Child child =
          children.spawn(
              plan.owner(),
              request.withFds(end, end, running.stderr()),
              status -> onEnd.accept(running.ended(status)));
      running.started(child.pid());
    } catch (PosixException e) {
      running.neverStarted();
      throw e;
    }
  }
}
