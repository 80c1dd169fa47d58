package dev.dunlin.slirp.wire;

import dev.dunlin.core.net.frame.Frame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The packets of TFTP (RFC 1350) with options (RFC 2347). Values. */
public sealed interface TftpPacket {
  int READ = 1;
  int WRITE = 2;
  int DATA = 3;
  int ACK = 4;
  int ERROR = 5;
  int OPTION_ACK = 6;

  int ERROR_UNDEFINED = 0;
  int ERROR_NOT_FOUND = 1;
  int ERROR_ACCESS = 2;
  int ERROR_ILLEGAL = 4;
  int ERROR_UNKNOWN_TID = 5;

  /** RFC 2347. */
  int ERROR_OPTIONS = 8;

  /** More options than any client sends; the rest is ignored. */
  int MOST_OPTIONS = 16;

  /** A read or write request. Mode and option names are in lower case. */
  record Request(boolean write, String file, String mode, Map<String, String> options)
      implements TftpPacket {}

  /** A block; {@code data} is a view of the packet. */
  record Data(int block, ByteBuffer data) implements TftpPacket {}

  record Ack(int block) implements TftpPacket {}

  record Failure(int code, String message) implements TftpPacket {}

  record OptionAck(Map<String, String> options) implements TftpPacket {}

  /** Reads what remains in {@code payload}; empty when it is no TFTP packet. */
  static Optional<TftpPacket> parse(ByteBuffer payload) {
    if (payload.remaining() < 4) {
      return Optional.empty();
    }
    ByteBuffer in = payload.duplicate();
    int opcode = in.getShort() & 0xffff;
    return switch (opcode) {
      case READ, WRITE -> parseRequest(in, opcode == WRITE);
      case DATA -> Optional.of(new Data(in.getShort() & 0xffff, in.slice()));
      case ACK -> Optional.of(new Ack(in.getShort() & 0xffff));
      case ERROR -> parseFailure(in);
      case OPTION_ACK -> Optional.of(new OptionAck(parseOptions(in)));
      default -> Optional.empty();
    };
  }

  private static Optional<TftpPacket> parseRequest(ByteBuffer in, boolean write) {
    Optional<String> file = text(in);
    Optional<String> mode = file.flatMap(name -> text(in));
    if (mode.isEmpty()) {
      return Optional.empty();
    }
    String plainMode = mode.get().toLowerCase(Locale.ROOT);
    return Optional.of(new Request(write, file.orElseThrow(), plainMode, parseOptions(in)));
  }

  private static Optional<TftpPacket> parseFailure(ByteBuffer in) {
    int code = in.getShort() & 0xffff;
    // Some clients leave the NUL away; an error needs no perfect form to end a session.
    return Optional.of(new Failure(code, text(in).orElse("")));
  }

  /** Pairs of strings; an unfinished pair is ignored, of repeated names the first counts. */
  private static Map<String, String> parseOptions(ByteBuffer in) {
    Map<String, String> options = new LinkedHashMap<>();
    while (options.size() < MOST_OPTIONS) {
      Optional<String> name = text(in);
      Optional<String> value = name.flatMap(ignored -> text(in));
      if (value.isEmpty()) {
        break;
      }
      options.putIfAbsent(name.orElseThrow().toLowerCase(Locale.ROOT), value.get());
    }
    return options;
  }

  /** The string up to the next NUL; empty (and nothing consumed) when there is none. */
  private static Optional<String> text(ByteBuffer in) {
    for (int at = in.position(); at < in.limit(); at++) {
      if (in.get(at) == 0) {
        byte[] raw = new byte[at - in.position()];
        in.get(raw);
        in.get();
        return Optional.of(new String(raw, StandardCharsets.UTF_8));
      }
    }
    return Optional.empty();
  }

  /** Appends the packet to the frame. */
  static void emit(Frame frame, TftpPacket packet) {
    if (packet instanceof Request request) {
      word(frame, request.write() ? WRITE : READ);
      text(frame, request.file());
      text(frame, request.mode());
      options(frame, request.options());
    } else if (packet instanceof Data data) {
      word(frame, DATA);
      word(frame, data.block());
      frame.append(data.data().duplicate());
    } else if (packet instanceof Ack ack) {
      word(frame, ACK);
      word(frame, ack.block());
    } else if (packet instanceof Failure failure) {
      word(frame, ERROR);
      word(frame, failure.code());
      text(frame, failure.message());
    } else if (packet instanceof OptionAck acknowledged) {
      word(frame, OPTION_ACK);
      options(frame, acknowledged.options());
    }
  }

  private static void word(Frame frame, int value) {
    int at = frame.append(2);
    frame.bytes().putShort(at, (short) value);
  }

  private static void text(Frame frame, String text) {
    frame.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    frame.bytes().put(frame.append(1), (byte) 0);
  }

  private static void options(Frame frame, Map<String, String> options) {
    options.forEach(
        (name, value) -> {
          text(frame, name);
          text(frame, value);
        });
  }
}
