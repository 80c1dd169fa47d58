package dev.dunlin.slirp;

import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.loop.MainLoop;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A character device behind a guest forward, one for all connections, as QEMU has it
 * (slirp_guestfwd in net/slirp.c): what any of the guest's connections sends is written to it, what
 * it says goes to the newest. It is read only while there is one; a guest's bytes wait, within the
 * bound of its connection, while the device has nobody at its other side or no room. On the
 * emulator's loop, where nothing of this blocks.
 *
 * <p>A device that is over, a client whose server has left, ends the connections and refuses new
 * ones; QEMU leaves the guest without an answer.
 */
final class SharedDevice implements Chardev.Frontend {
  private static final int PIECE = 4096;

  private final Chardev device;
  private final MainLoop loop;
  private final GuestServer server = new GuestServer();
  private final AtomicBoolean turnAsked = new AtomicBoolean();
  private final ByteBuffer piece = ByteBuffer.allocate(PIECE);

  /** Newest first. */
  private final Deque<GuestConnection> connections = new ArrayDeque<>();

  /** What the device said and the newest connection had no room for. */
  private @Nullable ByteBuffer unsaid;

  private boolean closed;

  SharedDevice(Chardev device, MainLoop loop) {
    this.device = device;
    this.loop = loop;
  }

  /** Takes the device, which must be free. */
  GuestServer open() {
    server.onConnect(this::askForTurn);
    device.attach(this);
    device.noticeEnd();
    updateReading();
    return server;
  }

  Chardev device() {
    return device;
  }

  /** Gives the device back; the connections are the network's to end. */
  void close() {
    if (!closed) {
      closed = true;
      server.close();
      device.detach();
    }
  }

  /** Any thread. */
  private void askForTurn() {
    if (!turnAsked.getAndSet(true)) {
      loop.execute(this::turn);
    }
  }

  private void turn() {
    turnAsked.set(false);
    if (closed) {
      return;
    }
    GuestConnection arrived;
    while ((arrived = server.accept()) != null) {
      connections.addFirst(arrived.onReady(this::askForTurn));
    }
    if (device.isOver()) {
      endAll();
    } else {
      connections.forEach(this::write);
      sayRest();
    }
    connections.removeIf(GuestConnection::isOver);
    updateReading();
  }

  private void updateReading() {
    device.setReading(unsaid == null && newest() != null);
  }

  // ---- guest to device ----

  private void write(GuestConnection connection) {
    while (device.takesOutput() && !device.isCongested()) {
      int count = connection.read(piece.clear());
      if (count < 0) {
        // As libslirp: with the guest's end the connection has served its purpose.
        connection.end();
      }
      if (count <= 0) {
        return;
      }
      byte[] bytes = new byte[count];
      piece.flip().get(bytes);
      device.write(bytes);
    }
  }

  @Override
  public void opened() {
    // A device that somebody has come to is read unless we say otherwise, at once.
    updateReading();
    askForTurn();
  }

  @Override
  public void writable() {
    askForTurn();
  }

  @Override
  public void closed() {
    askForTurn();
  }

  /** Nobody will ever answer. A guest that goes on talking hears that it's of no use. */
  private void endAll() {
    server.close();
    unsaid = null;
    for (GuestConnection connection : List.copyOf(connections)) {
      connection.end();
      if (connection.read(piece.clear()) > 0) {
        connection.reset();
      }
    }
  }

  // ---- device to guest ----

  @Override
  public void received(ByteBuffer bytes) {
    ByteBuffer kept = ByteBuffer.allocate(bytes.remaining());
    unsaid = kept.put(bytes).flip();
    sayRest();
    updateReading();
  }

  private void sayRest() {
    ByteBuffer rest = unsaid;
    GuestConnection hearer = newest();
    if (rest != null && hearer != null) {
      hearer.write(rest);
      if (!rest.hasRemaining()) {
        unsaid = null;
      }
    }
  }

  /** The newest that still can be told something. */
  private @Nullable GuestConnection newest() {
    for (GuestConnection connection : connections) {
      if (connection.takesBytes()) {
        return connection;
      }
    }
    return null;
  }
}
