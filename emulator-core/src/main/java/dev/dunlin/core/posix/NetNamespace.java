package dev.dunlin.core.posix;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A step inside another network namespace (setns(2)). Namespaces belong to threads: the step runs
 * on a thread that is made for it and dies with it, so that no other thread of the JVM, and no
 * socket that one opens, ever leaves the host's namespace.
 */
public final class NetNamespace {
  private static final int CLONE_NEWNET = 0x4000_0000;

  private NetNamespace() {}

  /**
   * Runs {@code step} inside the namespace that {@code path} names: {@code /run/netns/blue}, {@code
   * /proc/1234/ns/net}. Waits for its end.
   *
   * @throws PosixException when the namespace can't be entered
   * @throws ExecutionException with what the step threw
   */
  public static <T> T call(String path, Callable<T> step)
      throws PosixException, ExecutionException {
    try (Fd namespace = Fd.open(path, Fcntl.O_RDONLY, 0)) {
      FutureTask<T> task =
          new FutureTask<>(
              () -> {
                if (LibcLink.LIBC.setns(namespace.number(), CLONE_NEWNET) < 0) {
                  throw new PosixException("setns", '"' + path + '"', NativeLibrary.errno());
                }
                return step.call();
              });
      Thread thread = new Thread(task, "netns " + path);
      thread.setDaemon(true);
      thread.start();
      return awaited(task, thread);
    }
  }

  /** Its descriptor must not be closed before the thread is done with it: no interruption. */
  private static <T> T awaited(FutureTask<T> task, Thread thread)
      throws PosixException, ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          thread.join();
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof PosixException cause && cause.call().equals("setns")) {
            throw cause;
          }
          throw e;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
