package dev.dunlin.slirp.service;

import dev.dunlin.slirp.wire.IpAddr;
import dev.dunlin.slirp.wire.TftpPacket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * One read: a window of blocks sent and not yet acknowledged (RFC 7440; a window of one is RFC
 * 1350). Blocks are counted without limit inside and modulo 65,536 on the wire, so files of any
 * length pass.
 *
 * <p>An ACK moves the window only when it names a block that was sent and not yet acknowledged; a
 * repeated one brings no data with a window of one (the Sorcerer's Apprentice, RFC 1123 section
 * 4.2.3.1), and with a longer one it asks once for the window again.
 */
final class TftpSession {
  private static final int MOST_TRIES = 6;
  private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(8);

  /** How a session sends. */
  interface Sender {
    void send(TftpSession session, TftpPacket packet);
  }

  final IpAddr guest;
  final int guestPort;
  final int port;
  final String file;
  private final FileSource.OpenFile source;
  private final TftpOptions options;
  private final Sender sender;
  private final ByteBuffer block;
  private final long blocks;
  private long acknowledged;
  private long sent;
  private boolean optionsPending;
  private boolean repeated;
  private int tries;
  private long due;
  private boolean finished;

  TftpSession(
      IpAddr guest,
      int guestPort,
      int port,
      String file,
      FileSource.OpenFile source,
      TftpOptions options,
      Sender sender) {
    this.guest = guest;
    this.guestPort = guestPort;
    this.port = port;
    this.file = file;
    this.source = source;
    this.options = options;
    this.sender = sender;
    this.block = ByteBuffer.allocate(options.blockSize());
    // The last block is always short: a length that divides evenly ends with an empty one.
    this.blocks = source.size() / options.blockSize() + 1;
    this.optionsPending = !options.acknowledged().isEmpty();
  }

  void start(long now) {
    transmit(now);
  }

  boolean isFinished() {
    return finished;
  }

  /**
   * Whether nothing of it was acknowledged yet: a repeated request means the first answer was lost.
   */
  boolean isFresh() {
    return acknowledged == 0;
  }

  void acknowledge(int wireBlock, long now) {
    if (optionsPending) {
      if (wireBlock == 0) {
        optionsPending = false;
        progress(now);
      }
      return;
    }
    long ahead = (wireBlock - acknowledged) & 0xffff;
    if (ahead > sent - acknowledged) {
      return; // a block never sent, or one acknowledged long ago
    }
    if (ahead == 0 && (options.windowSize() == 1 || repeated)) {
      return;
    }
    repeated = ahead == 0;
    acknowledged += ahead;
    if (acknowledged == blocks) {
      finish();
      return;
    }
    sent = acknowledged;
    progress(now);
  }

  private void progress(long now) {
    tries = 0;
    transmit(now);
  }

  /** Sends the option acknowledgment or the window, and waits. */
  private void transmit(long now) {
    tries++;
    long wait = TimeUnit.SECONDS.toNanos(options.timeoutSeconds());
    // The client chose its timeout; only our own default backs off.
    boolean chosen = options.acknowledged().containsKey("timeout");
    due = now + (chosen ? wait : Math.min(LONGEST_WAIT, wait << Math.min(tries - 1, 8)));
    if (optionsPending) {
      sender.send(this, new TftpPacket.OptionAck(options.acknowledged()));
      return;
    }
    sent = acknowledged;
    long end = Math.min(blocks, acknowledged + options.windowSize());
    while (sent < end && !finished) {
      sendBlock(sent + 1);
    }
  }

  private void sendBlock(long number) {
    long position = (number - 1) * options.blockSize();
    int length = (int) Math.min(options.blockSize(), source.size() - position);
    block.clear().limit(length);
    try {
      source.read(position, block);
    } catch (IOException e) {
      fail("Read error");
      return;
    }
    if (block.hasRemaining()) {
      fail("File changed while it was read");
      return;
    }
    sent = number;
    sender.send(this, new TftpPacket.Data((int) (number & 0xffff), block.flip()));
  }

  private void fail(String message) {
    sender.send(this, new TftpPacket.Failure(TftpPacket.ERROR_UNDEFINED, message));
    finish();
  }

  /** Resends what was sent last, for a client whose request came again. */
  void repeat(long now) {
    transmit(now);
  }

  long delay(long now) {
    return Math.max(0, due - now);
  }

  /** Resends when it is due, gives up after some tries. */
  void onTime(long now) {
    if (due - now > 0) {
      return;
    }
    if (tries >= MOST_TRIES) {
      finish();
    } else {
      transmit(now);
    }
  }

  void finish() {
    finished = true;
    source.close();
  }
}
