package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.chardev.ChardevSpec.Passed;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.net.NetBackend;
import dev.dunlin.core.net.NetThread;
import dev.dunlin.core.net.Offload;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.LinkSocket;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code -netdev socket,fd=}: which of the two links it becomes depends on the descriptor, which is
 * looked at when everything starts.
 */
final class PassedLink implements NetBackend {
  private final String name;
  private final String fd;
  private final LinkHost host;
  private volatile @Nullable NetBackend link;
  private @Nullable NetThread thread;
  private FramePort output = Frame::release;
  private Offload receivers = Offload.NONE;

  PassedLink(String name, String fd, LinkHost host) throws OptionException {
    host.checkDescriptor(fd);
    this.name = name;
    this.fd = fd;
    this.host = host;
  }

  @Override
  public String info() {
    NetBackend made = link;
    return made == null ? "" : made.info();
  }

  @Override
  public void connectedTo(OptionalInt hub) {}

  @Override
  public void attach(NetThread home) {
    thread = home;
  }

  @Override
  public FramePort input() {
    return frame -> {
      NetBackend made = link;
      if (made == null) {
        frame.release();
      } else {
        made.input().send(frame);
      }
    };
  }

  @Override
  public void connect(FramePort port, Offload takers) {
    output = port;
    receivers = takers;
    NetBackend made = link;
    if (made != null) {
      made.connect(port, takers);
    }
  }

  @Override
  public Offload offload() {
    return Offload.NONE;
  }

  @Override
  public ImmutableMap<String, Long> drops() {
    NetBackend made = link;
    return made == null ? ImmutableMap.of() : made.drops();
  }

  @Override
  public CompletionStage<Void> start() {
    NetThread home = Objects.requireNonNull(thread, "not attached");
    NetBackend made;
    try {
      made = make();
    } catch (OptionException e) {
      return CompletableFuture.failedFuture(e);
    }
    made.attach(home);
    link = made;
    home.execute(() -> made.connect(output, receivers));
    return made.start();
  }

  private NetBackend make() throws OptionException {
    Fd open = PassedSockets.take(host, name, fd);
    // Only looked at: whoever becomes the link takes it by its number.
    String number = String.valueOf(open.detach());
    if (PassedSockets.kindOf(Fd.borrowing(open(number))) == LinkSocket.Kind.DATAGRAM) {
      return new DatagramLink(
          name,
          new DatagramSpec(
              new DatagramSpec.Passed(number, Optional.empty()), "socket: fd=" + number),
          host);
    }
    return new StreamLink(
        name,
        new StreamSpec(new Passed(number), false, Duration.ZERO, StreamSpec.Words.SOCKET),
        host);
  }

  private static int open(String number) {
    return Integer.parseInt(number);
  }

  @Override
  public CompletionStage<Void> stop() {
    NetBackend made = link;
    return made == null ? CompletableFuture.completedFuture(null) : made.stop();
  }
}
