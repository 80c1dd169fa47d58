package dev.dunlin.bench.net;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Peer;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps every core awake with a loop that yields to everybody (SCHED_IDLE): waking an idle core
 * takes longer than the round trip that is to be measured.
 */
final class IdleLoad implements AutoCloseable {
  private final List<ChildProcess> loops = new ArrayList<>();

  private IdleLoad() {}

  static IdleLoad start(Lab lab) {
    List<String> loop =
        List.of(Peer.path("chrt"), "-i", "0", "/bin/sh", "-c", "while :; do :; done");
    IdleLoad load = new IdleLoad();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      load.loops.add(ChildProcess.start("idle load", lab.host().inside(loop)));
    }
    return load;
  }

  void check() {
    for (ChildProcess loop : loops) {
      if (!loop.isAlive()) {
        throw new MeasureFailed("no idle load: " + loop.stderr().text());
      }
    }
  }

  @Override
  public void close() {
    loops.forEach(ChildProcess::close);
  }
}
