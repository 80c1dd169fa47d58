package dev.dunlin.core.chardev;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * The telnet protocol on one connection, server's side (RFC 854, 855; options of RFC 856 binary,
 * 857 echo, 858 suppress go-ahead). Takes the protocol out of the input at whatever byte it is
 * split, and puts it into the output. Loop thread.
 */
final class Telnet {
  private static final int IAC = 255;
  private static final int DONT = 254;
  private static final int DO = 253;
  private static final int WONT = 252;
  private static final int WILL = 251;
  private static final int SB = 250;
  private static final int SE = 240;
  private static final int BINARY = 0;
  private static final int ECHO = 1;
  private static final int SUPPRESS_GO_AHEAD = 3;

  private enum State {
    DATA,
    AFTER_CR,
    COMMAND,
    OPTION,
    SUBNEGOTIATION,
    SUBNEGOTIATION_IAC
  }

  private State state = State.DATA;
  private int command;

  /** What a server says first: character mode, echo by us (chardev/char-socket.c). */
  static byte[] greeting() {
    return bytes(IAC, WILL, ECHO, IAC, WILL, SUPPRESS_GO_AHEAD, IAC, WILL, BINARY, IAC, DO, BINARY);
  }

  /** Output with 255 doubled. */
  static byte[] encode(byte[] plain) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream(plain.length + 16);
    for (byte b : plain) {
      encoded.write(b);
      if ((b & 0xff) == IAC) {
        encoded.write(b);
      }
    }
    return encoded.toByteArray();
  }

  /** The data in {@code wire}; what the protocol wants said goes to {@code replies}. */
  ByteBuffer decode(ByteBuffer wire, ByteArrayOutputStream replies) {
    ByteBuffer data = ByteBuffer.allocate(wire.remaining());
    while (wire.hasRemaining()) {
      feed(wire.get() & 0xff, data, replies);
    }
    return data.flip();
  }

  private void feed(int b, ByteBuffer data, ByteArrayOutputStream replies) {
    switch (state) {
      case DATA -> data(b, data);
      case AFTER_CR -> afterCr(b, data);
      case COMMAND -> command(b, data);
      case OPTION -> option(b, replies);
      case SUBNEGOTIATION -> state = b == IAC ? State.SUBNEGOTIATION_IAC : state;
      case SUBNEGOTIATION_IAC -> state = b == SE ? State.DATA : State.SUBNEGOTIATION;
    }
  }

  private void data(int b, ByteBuffer data) {
    if (b == IAC) {
      state = State.COMMAND;
    } else {
      data.put((byte) b);
      state = b == '\r' ? State.AFTER_CR : State.DATA;
    }
  }

  /** RFC 854: the end of a line is CR LF and a bare CR is CR NUL; either way the CR was enough. */
  private void afterCr(int b, ByteBuffer data) {
    state = State.DATA;
    if (b != '\n' && b != 0) {
      data(b, data);
    }
  }

  private void command(int b, ByteBuffer data) {
    switch (b) {
      case IAC -> {
        data.put((byte) IAC);
        state = State.DATA;
      }
      case WILL, WONT, DO, DONT -> {
        command = b;
        state = State.OPTION;
      }
      case SB -> state = State.SUBNEGOTIATION;
      default -> state = State.DATA;
    }
  }

  /** Agreements to our offers need no answer; any other offer is refused, a refusal never is. */
  private void option(int option, ByteArrayOutputStream replies) {
    state = State.DATA;
    boolean oursToDo = option == ECHO || option == SUPPRESS_GO_AHEAD || option == BINARY;
    if (command == DO && !oursToDo) {
      replies.writeBytes(bytes(IAC, WONT, option));
    } else if (command == WILL && option == SUPPRESS_GO_AHEAD) {
      replies.writeBytes(bytes(IAC, DO, option));
    } else if (command == WILL && option != BINARY) {
      replies.writeBytes(bytes(IAC, DONT, option));
    }
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
