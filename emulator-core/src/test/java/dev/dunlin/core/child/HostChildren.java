package dev.dunlin.core.child;

import dev.dunlin.core.child.Children.Child;
import dev.dunlin.core.loop.testing.LoopThread;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import java.util.concurrent.CompletableFuture;

/** The real thing on a loop thread of its own. */
final class HostChildren implements AutoCloseable {
  private final LoopThread loop;
  private final ReapedChildren children;

  HostChildren() throws PosixException {
    loop = LoopThread.start();
    children = loop.call(() -> new ReapedChildren(loop.loop()));
  }

  /** A helper and its status to come. */
  record Helper(Child child, CompletableFuture<ExitStatus> status) {}

  Helper spawn(SpawnRequest request) {
    CompletableFuture<ExitStatus> status = new CompletableFuture<>();
    return new Helper(loop.call(() -> children.spawn("test", request, status::complete)), status);
  }

  ReapedChildren children() {
    return children;
  }

  LoopThread loop() {
    return loop;
  }

  @Override
  public void close() throws InterruptedException {
    loop.call(
        () -> {
          children.close();
          return true;
        });
    loop.close();
  }
}
