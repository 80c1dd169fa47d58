package dev.dunlin.core.chardev;

import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A character device. Loop thread. */
public interface Chardev extends AutoCloseable {

  String id();

  /** As {@code info chardev} shows it: {@code disconnected:unix:/tmp/mon,server=on}. */
  String filename();

  /** Whether there is another side now. */
  boolean isOpen();

  /** Whether a frontend uses it. */
  boolean isBusy();

  /** Gives it to a frontend, which hears {@code opened} at once if somebody is there. */
  void attach(Frontend frontend);

  /** Takes it from its frontend. */
  void detach();

  /** Whether output goes anywhere now: to somebody, or to a device that keeps or swallows it. */
  default boolean takesOutput() {
    return isOpen();
  }

  /** Whether the other side is gone and no other will come: a client that doesn't reconnect. */
  default boolean isOver() {
    return false;
  }

  /** Queues output; dropped when nobody is there. Never blocks. */
  void write(byte[] bytes);

  /** The TCP port of the host on which it listens for its other side. */
  default OptionalInt listeningPort() {
    return OptionalInt.empty();
  }

  /** Whether so much output waits that no more should be made. */
  boolean isCongested();

  /** Bytes of output that wait. */
  long queued();

  /** Whether input is wanted; what comes meanwhile stays with the sender. */
  void setReading(boolean reading);

  /**
   * Notices from now on that the other side has left also while its input isn't wanted; what it
   * said before is read first. Otherwise only a read finds the end.
   */
  default void noticeEnd() {}

  /** The next descriptor that came with the input, owned by the caller. */
  default OptionalInt takeReceivedFd() {
    return OptionalInt.empty();
  }

  /** Whether the terminal, if it is one, shows what is typed; an editor does that itself. */
  default void setEcho(boolean echo) {}

  /** Whether output goes to a terminal of this process, where a line can be written over. */
  default boolean isTerminal() {
    return false;
  }

  /** Completes when a client has come, for a server that waits for its first one; else at once. */
  default CompletionStage<Void> ready() {
    return CompletableFuture.completedFuture(null);
  }

  /** Idempotent. Leaves no descriptor and no socket file behind. No frontend call comes after. */
  @Override
  void close();

  /** Who uses the device. */
  interface Frontend {
    void opened();

    /** Input; the buffer is valid during the call only. */
    void received(ByteBuffer bytes);

    /** Waiting output has been taken. */
    void writable();

    void closed();
  }
}
