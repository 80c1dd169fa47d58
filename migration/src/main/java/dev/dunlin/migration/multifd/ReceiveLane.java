package dev.dunlin.migration.multifd;

import dev.dunlin.migration.channel.IncomingChannel;
import dev.dunlin.migration.ram.RamTarget;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** One connection and the thread that reads from it. */
final class ReceiveLane {
  private final int number;
  private final IncomingChannel channel;
  private final Compression compression;
  private final RamTarget target;
  private final Events events;
  private final Packet packet = new Packet();
  private final Thread thread;

  /** What a lane tells; from its thread. */
  interface Events {
    /** A SYNC came; returns when the stream has come to its section's end too. False: it's over. */
    boolean atBarrier();

    /** The other side has closed the connection, between two packets. */
    void ended();

    void failed(LoadException why);
  }

  ReceiveLane(
      int number,
      IncomingChannel channel,
      Compression compression,
      RamTarget target,
      Events events) {
    this.number = number;
    this.channel = channel;
    this.compression = compression;
    this.target = target;
    this.events = events;
    this.thread = new Thread(this::run, "multifdrecv_" + number);
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Ends the connection, which wakes the thread if it reads. */
  void close() {
    channel.close();
  }

  void join() throws InterruptedException {
    thread.join();
  }

  private void run() {
    try (BatchDecoder decoder = compression.decoder(number)) {
      while (readPacket()) {
        packet.check();
        if (packet.pages() > 0) {
          pages(decoder);
        }
        if (packet.isSync() && !events.atBarrier()) {
          return;
        }
      }
      events.ended();
    } catch (LoadException e) {
      events.failed(e);
    } catch (RuntimeException | Error e) {
      org.apache.logging.log4j.LogManager.getLogger(ReceiveLane.class)
          .error("a multifd channel ended by a defect", e);
      events.failed(LoadException.of(LoadException.Kind.IO, "internal error: " + e));
    }
  }

  private void pages(BatchDecoder decoder) throws LoadException {
    int flags = packet.flags() & Compression.MASK;
    if (flags != compression.flags()) {
      throw LoadException.invalid(
          "multifd %d: flags received %x flags expected %x"
              .formatted(number, flags, compression.flags()));
    }
    String block = packet.block(target);
    OptionalLong length = target.length(block);
    for (int i = 0; i < packet.pages(); i++) {
      long unused = packet.offset(i, length);
    }
    ByteBuffer data = decoder.decode(this::fill, packet.pages(), packet.size());
    for (int i = 0; i < packet.pages(); i++) {
      target.page(
          block, packet.offset(i, length), data.slice(i * RamBlock.PAGE_SIZE, RamBlock.PAGE_SIZE));
    }
  }

  /** False when the connection ended before its first byte. */
  private boolean readPacket() throws LoadException {
    ByteBuffer bytes = packet.bytes();
    if (read(bytes) < 0) {
      return false;
    }
    fill(bytes);
    return true;
  }

  private void fill(ByteBuffer into) throws LoadException {
    while (into.hasRemaining()) {
      if (read(into) < 0) {
        throw failedToReceive("the connection ended in the middle of a packet");
      }
    }
    into.flip();
  }

  private int read(ByteBuffer into) throws LoadException {
    try {
      return channel.read(into);
    } catch (IOException e) {
      throw failedToReceive(String.valueOf(e.getMessage()));
    }
  }

  private LoadException failedToReceive(String why) {
    return LoadException.of(
        LoadException.Kind.IO,
        "failed to receive packet via multifd channel %d: %s".formatted(number, why));
  }
}
