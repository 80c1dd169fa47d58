package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.net.LinkDrops;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.TapDevice;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.logging.log4j.LogManager;
import org.jspecify.annotations.Nullable;

/**
 * {@code -netdev tap}: an interface of the host's kernel, in its own namespace or another. The
 * kernel leaves checksums and segmentation to us only while all that hear us can take it.
 */
final class TapLink implements NetBackend {
  private final String name;
  private final TapSpec spec;
  private final TapOpening opening;
  private final LinkHost host;
  private final LinkDrops drops = new LinkDrops();
  private @Nullable NetThread thread;

  /** Whatever was opened, for info and offload; written on the NetThread. */
  private volatile @Nullable TapDevice device;

  private @Nullable TapFrames frames;
  private FramePort output = Frame::release;
  private Offload receivers = Offload.NONE;
  private boolean stopped;

  TapLink(String name, TapSpec spec, LinkHost host) {
    this.name = name;
    this.spec = spec;
    this.host = host;
    this.opening = new TapOpening(name, host);
  }

  @Override
  public String info() {
    if (spec instanceof TapSpec.Interface wanted) {
      TapDevice open = device;
      return "ifname="
          + (open == null ? wanted.name() : open.name())
          + ",script="
          + wanted.script().orElse("no")
          + ",downscript="
          + wanted.downScript().orElse("no")
          + wanted.namespace().map(path -> ",netns=" + path).orElse("");
    }
    return "fd=" + ((TapSpec.Passed) spec).fd();
  }

  @Override
  public void connectedTo(OptionalInt hub) {}

  @Override
  public void attach(NetThread home) {
    thread = home;
  }

  private NetThread thread() {
    return Objects.requireNonNull(thread, "not attached");
  }

  @Override
  public FramePort input() {
    return frame -> {
      if (frames == null) {
        drops.count(LinkDrops.Reason.NO_PEER);
        frame.release();
      } else {
        frames.send(frame);
      }
    };
  }

  @Override
  public void connect(FramePort port, Offload takers) {
    output = port;
    receivers = takers;
    if (frames != null) {
      connectFrames(frames);
    }
  }

  private void connectFrames(TapFrames to) {
    try {
      to.connect(output, receivers);
    } catch (PosixException e) {
      LogManager.getLogger(TapLink.class).warn("netdev {}: {}", name, e.getMessage());
    }
  }

  @Override
  public Offload offload() {
    // The kernel takes every frame that has a header before it (tun_get_user in drivers/net/tun.c).
    TapDevice open = device;
    return open != null && open.hasVnetHeader() ? Offload.ALL : Offload.NONE;
  }

  @Override
  public ImmutableMap<String, Long> drops() {
    return drops.nonZero();
  }

  @Override
  public CompletionStage<Void> start() {
    return open().thenCompose(this::begin);
  }

  private CompletableFuture<TapDevice> open() {
    if (spec instanceof TapSpec.Interface wanted) {
      return opening.open(wanted);
    }
    try {
      Fd fd = host.descriptor(((TapSpec.Passed) spec).fd());
      return CompletableFuture.completedFuture(TapOpening.adopt(fd, name));
    } catch (OptionException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<Void> begin(TapDevice opened) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread()
        .execute(
            () -> {
              try {
                opened.setSendBuffer(
                    spec.sendBuffer() == 0 ? Integer.MAX_VALUE : spec.sendBuffer());
                device = opened;
                frames = new TapFrames(thread(), opened, output, drops, this::ended);
                connectFrames(frames);
                done.complete(null);
              } catch (PosixException e) {
                opened.close();
                done.completeExceptionally(
                    new OptionException("TUNSETSNDBUF ioctl failed: " + e.errorText()));
              }
            });
    return done;
  }

  private void ended(String reason) {
    LogManager.getLogger(TapLink.class).warn("netdev {}: the interface has gone: {}", name, reason);
  }

  @Override
  public CompletionStage<Void> stop() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    thread().execute(() -> stop(done));
    return done;
  }

  private void stop(CompletableFuture<Void> done) {
    TapDevice open = device;
    if (frames != null) {
      frames.close();
      frames = null;
    }
    if (open == null || stopped) {
      done.complete(null);
      return;
    }
    stopped = true;
    if (spec instanceof TapSpec.Interface wanted) {
      opening.close(wanted, open).whenComplete((nothing, failure) -> done.complete(null));
    } else {
      open.close();
      done.complete(null);
    }
  }
}
