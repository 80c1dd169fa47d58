package dev.dunlin.bench.loop;

import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A Selector's thread for the sockets and one that blocks in read(2) for the frames. */
final class SelectorCandidate implements LoopCandidate {
  private static final int BUFFERS = 64;

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
  private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(BUFFERS);
  private final Queue<ByteBuffer> arrived = new ConcurrentLinkedQueue<>();
  private @Nullable DatagramChannel socket;
  private volatile boolean relaying;
  private volatile boolean stopping;

  SelectorCandidate() throws IOException {
    selector = Selector.open();
    for (int i = 0; i < BUFFERS; i++) {
      free.add(ByteBuffer.allocateDirect(2048));
    }
    thread = new Thread(this::run, "selector");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String name() {
    return "selector";
  }

  private void run() {
    try (selector) {
      while (!stopping) {
        awake.set(false);
        Runnable task;
        while ((task = tasks.poll()) != null) {
          task.run();
        }
        sendArrived();
        if (tasks.isEmpty() && arrived.isEmpty()) {
          selector.select(SelectorCandidate::ready);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void ready(SelectionKey key) {
    ((Runnable) key.attachment()).run();
  }

  private void knock() {
    if (!awake.getAndSet(true)) {
      selector.wakeup();
    }
  }

  private void execute(Runnable task) {
    tasks.add(task);
    knock();
  }

  @Override
  public void beginRelay(Fd frames, int port) throws IOException {
    DatagramChannel udp = DatagramChannel.open();
    udp.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket = udp;
    watch(udp, SelectionKey.OP_READ, () -> fromHost(udp, frames));
    relaying = true;
    Thread reader = new Thread(() -> readFrames(frames), "frames");
    reader.setDaemon(true);
    reader.start();
  }

  private void readFrames(Fd frames) {
    try {
      while (relaying) {
        ByteBuffer frame = free.take().clear();
        frames.read(frame);
        arrived.add(frame.flip());
        knock();
      }
    } catch (PosixException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void sendArrived() throws IOException {
    ByteBuffer frame;
    while ((frame = arrived.poll()) != null) {
      if (socket != null && socket.isConnected()) {
        socket.write(frame);
      }
      free.add(frame);
    }
  }

  private void fromHost(DatagramChannel udp, Fd frames) {
    try {
      udp.read(buffer.clear());
      frames.write(buffer.flip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void endRelay() throws IOException {
    relaying = false;
    DatagramChannel udp = socket;
    socket = null;
    if (udp != null) {
      udp.close();
    }
  }

  @Override
  public void connect(int port, int count, int atATime) {
    CompletableFuture<Integer> done = new CompletableFuture<>();
    execute(() -> new Connects(port, count, done).begin(atATime));
    done.join();
  }

  private final class Connects {
    private final InetSocketAddress to;
    private final CompletableFuture<Integer> done;
    private int left;
    private int running;

    Connects(int port, int count, CompletableFuture<Integer> done) {
      this.to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      this.left = count;
      this.done = done;
    }

    void begin(int atATime) {
      for (int i = 0; i < atATime; i++) {
        one();
      }
    }

    private void one() {
      if (left == 0) {
        if (running == 0) {
          done.complete(0);
        }
        return;
      }
      left--;
      running++;
      try {
        SocketChannel tcp = SocketChannel.open();
        tcp.configureBlocking(false);
        if (tcp.connect(to)) {
          ended(tcp);
          return;
        }
        tcp.register(
            selector,
            SelectionKey.OP_CONNECT,
            (Runnable)
                () -> {
                  try {
                    tcp.finishConnect();
                    ended(tcp);
                  } catch (IOException e) {
                    done.completeExceptionally(e);
                  }
                });
      } catch (IOException e) {
        done.completeExceptionally(e);
      }
    }

    private void ended(SocketChannel tcp) throws IOException {
      tcp.setOption(StandardSocketOptions.SO_LINGER, 0);
      tcp.close();
      running--;
      // Not from here: a loopback connection may be there at once, again and again.
      tasks.add(this::one);
      knock();
    }
  }

  @Override
  public void pump(int port, Fd to, int frameBytes) throws IOException {
    SocketChannel tcp =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    CompletableFuture<Integer> done = new CompletableFuture<>();
    watch(
        tcp,
        SelectionKey.OP_READ,
        () -> {
          try {
            if (move(tcp, to, frameBytes)) {
              tcp.close();
              done.complete(0);
            }
          } catch (IOException e) {
            done.completeExceptionally(e);
          }
        });
    done.join();
  }

  private boolean move(SocketChannel tcp, Fd to, int frameBytes) throws IOException {
    for (int moved = 0; moved < 65_536; moved += frameBytes) {
      int count = tcp.read(buffer.clear().limit(frameBytes));
      if (count <= 0) {
        return count < 0;
      }
      buffer.flip();
      while (buffer.hasRemaining() && !(to.write(buffer) instanceof IoOutcome.WouldBlock)) {
        // /dev/null takes all
      }
    }
    return false;
  }

  private void watch(SelectableChannel channel, int operations, Runnable handler)
      throws IOException {
    channel.configureBlocking(false);
    CompletableFuture<Integer> done = new CompletableFuture<>();
    execute(
        () -> {
          try {
            channel.register(selector, operations, handler);
            done.complete(0);
          } catch (IOException e) {
            done.completeExceptionally(e);
          }
        });
    done.join();
  }

  @Override
  public long cpuNanos() {
    return ThreadCost.cpuNanosOf(thread);
  }

  @Override
  public long allocatedBytes() {
    return ThreadCost.allocatedBytesOf(thread);
  }

  @Override
  public void close() {
    stopping = true;
    selector.wakeup();
  }
}
