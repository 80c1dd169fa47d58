package dev.dunlin.slirp;

import dev.dunlin.core.chardev.Chardevs;
import dev.dunlin.core.child.ReapedChildren;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.posix.FdStore;
import dev.dunlin.core.run.RunEvents;
import dev.dunlin.core.run.VmRunControl;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/** The loop, children, devices and run state of an emulator, for networks that need them. */
public final class TestEmulator implements AutoCloseable {
  private final LoopThread thread;
  private final ReapedChildren children;
  private final Chardevs chardevs;
  private final VmRunControl run;

  public TestEmulator() throws Exception {
    thread = LoopThread.start();
    children = thread.call(() -> new ReapedChildren(thread.loop()));
    chardevs = new Chardevs(thread.loop(), new FdStore());
    run = thread.call(() -> new VmRunControl(thread.loop(), new RunEvents() {}));
  }

  /** Its devices, for the loop's thread. */
  public Chardevs chardevs() {
    return chardevs;
  }

  public VmRunControl run() {
    return run;
  }

  /** Runs something on the loop. */
  public <T> T on(Callable<T> task) {
    return thread.call(task);
  }

  public UserNetwork network(String options, Map<String, GuestServer> handlers) throws Exception {
    EmulatorHost host =
        new EmulatorHost(thread.loop(), new Helpers(thread.loop(), children), chardevs, run);
    return TestNetworks.network(
        KeyValueList.parse(options), now -> List.of(), Optional.of(host), handlers);
  }

  @Override
  public void close() throws Exception {
    on(
        () -> {
          chardevs.close();
          children.close();
          return true;
        });
    thread.close();
  }
}
