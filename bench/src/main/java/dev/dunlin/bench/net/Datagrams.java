package dev.dunlin.bench.net;

import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;

/** Datagrams that carry the tag of their flood, so that a late one isn't counted for the next. */
final class Datagrams {
  private Datagrams() {}

  interface Sender {
    void send(ByteBuffer datagram) throws IOException;
  }

  /** Sends as fast as it goes; how many were sent. */
  static long flood(int tag, int size, long nanos, Sender sender) throws IOException {
    ByteBuffer datagram = ByteBuffer.allocateDirect(size);
    datagram.putInt(0, tag);
    long sent = 0;
    long start = System.nanoTime();
    while (System.nanoTime() - start < nanos) {
      try {
        sender.send(datagram.clear());
        sent++;
      } catch (PortUnreachableException echoOfAnEarlierOne) {
        continue;
      } catch (IOException queueIsFull) {
        // ENOBUFS of a full transmit queue: the sender is faster than what it feeds.
        continue;
      }
    }
    return sent;
  }
}
