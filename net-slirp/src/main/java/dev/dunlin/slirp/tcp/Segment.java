package dev.dunlin.slirp.tcp;

import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.slirp.wire.TcpOptions;
import dev.dunlin.slirp.wire.TcpView;

/**
 * A segment from the guest on its way through the phases, which trim it. One instance serves an
 * engine; valid while {@link TcpEngine} handles the frame.
 */
final class Segment {
  final TcpOptions options = new TcpOptions();

  Frame frame = Frame.unpooled(0);
  int sequence;
  int acknowledgment;
  int flags;

  /** As sent: not scaled. */
  int window;

  /** Index of the text in the frame. */
  int payload;

  /** Length of the text. */
  int length;

  void set(Frame carrier, TcpView tcp) {
    frame = carrier;
    sequence = tcp.sequence();
    acknowledgment = tcp.acknowledgment();
    flags = tcp.flags();
    window = tcp.window();
    payload = tcp.payload();
    length = tcp.payloadLength();
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  void clearFlag(int flag) {
    flags &= ~flag;
  }

  /** SEG.LEN of RFC 9293: the text, SYN and FIN. */
  int span() {
    return length + (has(TcpView.SYN) ? 1 : 0) + (has(TcpView.FIN) ? 1 : 0);
  }

  /** Cuts {@code count} bytes of text off the front. */
  void trimFront(int count) {
    sequence += count;
    payload += count;
    length -= count;
  }

  /** Leaves only {@code count} bytes of text; what was behind them, the FIN too, comes again. */
  void trimBack(int count) {
    if (count < length) {
      length = count;
      clearFlag(TcpView.FIN);
      clearFlag(TcpView.PSH);
    }
  }
}
