package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.ParsedOptions;
import dev.dunlin.core.cli.ParsedOptions.Option;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.loop.EventLoop;
import dev.dunlin.core.posix.EpollPoller;

/** A human monitor on standard input and output until somebody quits, for {@link StdioTest}. */
final class StdioProgram {
  private StdioProgram() {}

  public static void main(String[] arguments) throws Exception {
    try (EventLoop loop = new EventLoop(Clock.system(), EpollPoller.open())) {
      MonitorBench.TestEmulator emulator = new MonitorBench.TestEmulator(loop);
      MonitorModule module = new MonitorModule("0.0-test", System.err::println);
      module.configure(new ParsedOptions(ImmutableList.of(new Option("monitor", "stdio"))));
      module.start(emulator);
      while (emulator.exitStatus() < 0) {
        loop.turn(100_000_000);
      }
      module.stop();
      emulator.chardevs().close();
    }
  }
}
