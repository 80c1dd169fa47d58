package dev.dunlin.core.net.link;

import dev.dunlin.core.child.Children.OwnedChild;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.net.frame.VnetHeader;
import dev.dunlin.core.posix.Errno;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.NetNamespace;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.TapDevice;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.logging.log4j.LogManager;

/**
 * Opens a TAP interface and runs its scripts, on a short-lived thread: scripts take their time, and
 * a network namespace must be entered by a thread that never does anything else. A script is a
 * child like any other, waited for by this thread alone; one that is in a namespace runs there.
 */
final class TapOpening {
  private final String netdev;
  private final LinkHost host;

  TapOpening(String netdev, LinkHost host) {
    this.netdev = netdev;
    this.host = host;
  }

  /** Fails with an OptionException in QEMU's words. */
  CompletableFuture<TapDevice> open(TapSpec.Interface spec) {
    return beside(() -> inNamespace(spec, () -> openAndAnnounce(spec)));
  }

  /** Runs the script that undoes what the first one did. Never fails. */
  CompletableFuture<Void> close(TapSpec.Interface spec, TapDevice device) {
    return beside(
            () -> {
              if (spec.downScript().isPresent()) {
                return inNamespace(spec, () -> run(spec.downScript().get(), device.name()));
              }
              return true;
            })
        .handle(
            (done, failure) -> {
              if (failure != null) {
                LogManager.getLogger(TapOpening.class)
                    .warn("netdev {}: {}", netdev, failure.getMessage());
              }
              device.close();
              return null;
            });
  }

  /** Takes charge of a descriptor that was passed. */
  static TapDevice adopt(Fd fd, String netdev) throws OptionException {
    try {
      fd.isCloseOnExec();
    } catch (PosixException e) {
      throw new OptionException(
          netdev + ": Can't use file descriptor " + fd.number() + ": " + e.errorText());
    }
    try {
      TapDevice device = TapDevice.adopt(fd);
      setHeader(device);
      return device;
    } catch (PosixException e) {
      throw new OptionException(
          "Unable to query TUNGETIFF on FD " + fd.number() + ": " + e.errorText());
    }
  }

  private static void setHeader(TapDevice device) throws PosixException {
    if (device.hasVnetHeader()) {
      device.setVnetHeaderLength(VnetHeader.LENGTH);
    }
  }

  private TapDevice openAndAnnounce(TapSpec.Interface spec) throws Exception {
    TapDevice device = open(spec.name(), spec.vnetHeader().orElse(true));
    try {
      setHeader(device);
      if (spec.script().isPresent()) {
        run(spec.script().get(), device.name());
      }
      return device;
    } catch (Exception e) {
      device.close();
      throw e;
    }
  }

  private static TapDevice open(String name, boolean vnetHeader) throws OptionException {
    try {
      return TapDevice.open(name, vnetHeader);
    } catch (PosixException e) {
      if (e.call().equals("open")) {
        throw new OptionException("could not open /dev/net/tun: " + e.errorText());
      }
      throw new OptionException(
          "could not configure /dev/net/tun (" + name + "): " + e.errorText());
    }
  }

  private boolean run(String script, String device) throws OptionException {
    ExitStatus status;
    try (OwnedChild child =
        host.children().spawnOwned("netdev " + netdev, SpawnRequest.of(script, device))) {
      status = child.await(-1);
    } catch (PosixException e) {
      throw failed(script, "could not be started: " + Errno.describe(e.errno()));
    }
    if (!(status instanceof ExitStatus.Exited exited && exited.code() == 0)) {
      throw failed(script, "failed: it " + status.describe());
    }
    return true;
  }

  private static OptionException failed(String script, String how) {
    return new OptionException("network script " + script + " " + how);
  }

  private static <T> T inNamespace(TapSpec.Interface spec, Callable<T> step) throws Exception {
    if (spec.namespace().isEmpty()) {
      return step.call();
    }
    String path = spec.namespace().get();
    try {
      return NetNamespace.call(path, step);
    } catch (PosixException e) {
      throw new OptionException("could not enter netns '" + path + "': " + e.errorText());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private <T> CompletableFuture<T> beside(Callable<T> step) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                done.complete(step.call());
              } catch (Exception e) {
                done.completeExceptionally(e);
              }
            },
            "tap " + netdev);
    thread.setDaemon(true);
    thread.start();
    return done;
  }
}
