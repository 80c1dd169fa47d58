package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.monitor.QmpCall;
import dev.dunlin.core.monitor.hmp.HmpConsole;
import java.util.OptionalInt;
import java.util.concurrent.Executor;

/** Where a human command talks to within {@code human-monitor-command}. Loop thread. */
final class CapturingConsole implements HmpConsole {
  static final int MAX_OUTPUT = 16 << 20;

  private final QmpCall call;
  private final Executor loop;
  private final StringBuilder text = new StringBuilder();
  private boolean overfull;

  CapturingConsole(QmpCall call, Executor loop) {
    this.call = call;
    this.loop = loop;
  }

  /** All that was printed, with a terminal's line ends, as QEMU has them here. */
  String text() {
    return text.toString();
  }

  boolean isOverfull() {
    return overfull;
  }

  @Override
  public void print(String more) {
    if (text.length() + more.length() > MAX_OUTPUT) {
      overfull = true;
    } else {
      text.append(more.replace("\n", "\r\n"));
    }
  }

  @Override
  public void whenWritable(Runnable action) {
    loop.execute(action);
  }

  /** False once nothing more can be kept: a command with more to say may as well stop. */
  @Override
  public boolean isInteractive() {
    return !overfull;
  }

  /** There is no device that could go away: the answer is kept until it is complete. */
  @Override
  public void onDisconnect(Runnable action) {}

  @Override
  public ImmutableList<String> history() {
    return ImmutableList.of();
  }

  @Override
  public OptionalInt takeReceivedFd() {
    return call.takeReceivedFd();
  }
}
