package dev.dunlin.slirp.guest;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Peer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.Assumptions;

/** A network namespace of this test run. */
final class Namespace implements AutoCloseable {
  private static final int CLONE_NEWNET = 0x4000_0000;
  private static final int O_RDWR_NONBLOCK_CLOEXEC = 02 | 04000 | 02000000;
  private static final long TUNSETIFF = 0x4004_54caL;
  private static final short IFF_TAP_NO_PI = 0x1002;
  private static final AtomicInteger MADE = new AtomicInteger();

  private final String name;

  /** What no class of the product does. */
  public interface Calls {
    int setns(int fd, int kind);

    int open(String path, int flags);

    int close(int fd);

    int ioctl(int fd, long request, ByteBuffer argument);
  }

  private static final Calls LIBC = LibraryLoader.create(Calls.class).load("c");

  private Namespace(String name) {
    this.name = name;
  }

  /** Makes one whose loopback is up. */
  static Namespace create() {
    boolean root = System.getProperty("user.name", "").equals("root");
    if (!root && !"required".equals(System.getProperty("dunlin.peers"))) {
      Assumptions.abort("network namespaces need root");
    }
    Namespace made =
        new Namespace("dunlin-" + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet());
    run(List.of(Peer.path("ip"), "netns", "add", made.name));
    made.ip("link", "set", "lo", "up");
    return made;
  }

  String name() {
    return name;
  }

  /** The file that stands for it. */
  Path path() {
    return Path.of("/run/netns", name);
  }

  /** ip(8) in here. */
  void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Peer.path("ip"), "-n", name));
    command.addAll(List.of(arguments));
    run(command);
  }

  /** A program in here, which must succeed. */
  String run(String program, String... arguments) {
    ChildProcess.Result result = attempt(program, arguments);
    if (result.exitStatus() != 0) {
      throw new AssertionError(program + ": " + result);
    }
    return result.stdout();
  }

  /** A program in here, however it ends. */
  ChildProcess.Result attempt(String program, String... arguments) {
    try (ChildProcess process = start(program, arguments)) {
      process.closeStdin();
      return process.awaitResult(Await.GENEROUS);
    }
  }

  /** A program in here that goes on. */
  ChildProcess start(String program, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(Peer.path("ip"), "netns", "exec", name, Peer.path(program)));
    command.addAll(List.of(arguments));
    return ChildProcess.start(program, command);
  }

  /** Runs something on a thread that is in here; sockets that it makes stay here. */
  <T> T call(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                enter();
                result.complete(task.call());
              } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
              }
            },
            "in " + name);
    thread.start();
    try {
      return result.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Moves the calling thread in here, for ever. */
  void enter() {
    int fd = checked(LIBC.open(path().toString(), 02000000), "open");
    try {
      checked(LIBC.setns(fd, CLONE_NEWNET), "setns");
    } finally {
      LIBC.close(fd);
    }
  }

  /** A TAP device in here; its descriptor, non-blocking. */
  int openTap(String device) {
    return call(
        () -> {
          int fd = checked(LIBC.open("/dev/net/tun", O_RDWR_NONBLOCK_CLOEXEC), "open");
          ByteBuffer request = ByteBuffer.allocateDirect(40).order(ByteOrder.nativeOrder());
          request.put(0, device.getBytes(StandardCharsets.US_ASCII));
          request.putShort(16, IFF_TAP_NO_PI);
          checked(LIBC.ioctl(fd, TUNSETIFF, request), "TUNSETIFF");
          return fd;
        });
  }

  private static int checked(int result, String call) {
    if (result < 0) {
      throw new IllegalStateException(
          call + ": errno " + Runtime.getSystemRuntime().getLastError());
    }
    return result;
  }

  private static void run(List<String> command) {
    try (ChildProcess process = ChildProcess.start(command.get(0), command)) {
      ChildProcess.Result result = process.awaitResult(Await.GENEROUS);
      if (result.exitStatus() != 0) {
        throw new AssertionError(command + ": " + result);
      }
    }
  }

  @Override
  public void close() {
    run(List.of(Peer.path("ip"), "netns", "del", name));
  }
}
