package dev.dunlin.slirp.smb;

import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.LoopbackPair;
import dev.dunlin.core.posix.PidFd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.Spawner;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.core.posix.WaitStatus;
import dev.dunlin.slirp.host.ChildWords;
import dev.dunlin.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A port of the loopback behind which each connection gets a helper, as a guest's does. */
final class SmbDoor implements AutoCloseable {
  private static final long TICK = 50_000_000L;

  private final SmbServer server;
  private final StreamSocket listener;
  private final int port;
  private final LoopbackPair companion;
  private final List<String> ends = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile boolean closing;

  SmbDoor(SmbServer server) throws PosixException {
    this.server = server;
    listener = StreamSocket.open(SocketName.AF_INET);
    listener.bind(new SocketName.Inet(InetAddress.getLoopbackAddress(), 0));
    listener.listen(16);
    port = ((SocketName.Inet) listener.localName()).port();
    companion = LoopbackPair.open();
    start(() -> serve(companion.theirs()));
    server.companion().ifPresent(isUp -> Await.until("the companion", isUp::getAsBoolean));
    start(this::accept);
  }

  int port() {
    return port;
  }

  /** How each helper ended and what it logged last. */
  List<String> ends() {
    return ends;
  }

  private void start(Runnable work) {
    Thread thread = new Thread(work, "smb-door");
    threads.add(thread);
    thread.start();
  }

  private void accept() {
    try {
      while (!closing) {
        if (listener.fd().await(FdEvents.READ, TICK)) {
          Optional<StreamSocket> socket = listener.accept();
          socket.ifPresent(accepted -> start(() -> serve(accepted)));
        }
      }
    } catch (PosixException e) {
      ends.add(e.toString());
    }
  }

  private void serve(StreamSocket socket) {
    try {
      socket.fd().setNonBlocking(false);
      ends.add(serveToItsEnd(socket));
    } catch (IOException e) {
      ends.add(e.toString());
    }
  }

  /** How the helper ended and what it said that was worth telling. */
  private String serveToItsEnd(StreamSocket socket) throws IOException {
    ChildWords words = server.words();
    try (Pipe log = Pipe.open()) {
      SpawnRequest request =
          server.helper().withFds(socket.number(), socket.number(), log.writeEnd().number());
      try (PidFd helper = Spawner.spawn(request)) {
        SmbServer.Connection running = server.started(helper.pid());
        socket.close();
        while (!helper.awaitEnd(TICK)) {
          if (closing) {
            helper.signal(15);
          }
        }
        ExitStatus status = told(helper.collect());
        running.ended();
        read(log, words);
        return (server.isOrderly(status) ? "well " : status + " ") + words.last();
      }
    }
  }

  /** What fits a pipe; a helper of a test says less. */
  private static void read(Pipe log, ChildWords words) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(1 << 16);
    log.readEnd().setNonBlocking(true);
    while (log.readEnd().read(text) instanceof IoOutcome.Transferred && text.hasRemaining()) {
      // On.
    }
    StandardCharsets.UTF_8.decode(text.flip()).toString().lines().forEach(words::heard);
  }

  private static ExitStatus told(WaitStatus status) {
    if (status instanceof WaitStatus.Exited exited) {
      return new ExitStatus.Exited(exited.code());
    }
    if (status instanceof WaitStatus.Signalled killed) {
      return new ExitStatus.Signalled(killed.signal(), killed.coreDumped());
    }
    return new ExitStatus.Lost(status.toString());
  }

  @Override
  public void close() throws InterruptedException {
    closing = true;
    companion.ours().close();
    for (Thread thread : threads) {
      thread.join();
    }
    listener.close();
  }
}
