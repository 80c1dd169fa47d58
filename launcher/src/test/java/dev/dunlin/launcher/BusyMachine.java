package dev.dunlin.launcher;

import dev.dunlin.testing.ChildProcess;
import java.util.ArrayList;
import java.util.List;

/**
 * Processes that load the machine as compilers do: they compute, and they start short-lived others
 * all the time. They end by themselves after half an hour if nobody ends them.
 */
final class BusyMachine implements AutoCloseable {
  private static final String LOAD =
      "end=$(($(date +%s) + 1800));"
          + " while [ $(date +%s) -lt $end ]; do seq 1 20000 | sort -r | cksum >/dev/null; done";

  private final List<ChildProcess> loads = new ArrayList<>();

  private BusyMachine() {}

  static BusyMachine start(int processes) {
    BusyMachine busy = new BusyMachine();
    for (int i = 0; i < processes; i++) {
      busy.loads.add(ChildProcess.start("load", List.of("/bin/sh", "-c", LOAD)));
    }
    return busy;
  }

  @Override
  public void close() {
    loads.forEach(ChildProcess::close);
  }
}
