package dev.dunlin.core.monitor.hmp;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Turns bytes from a terminal into keys: control characters, escape sequences of the VT100 and its
 * heirs, and UTF-8, at whatever byte the input was split. Malformed UTF-8 becomes U+FFFD. Where
 * util/readline.c knows a sequence, it means the same here.
 */
final class KeyReader {
  private enum State {
    NORMAL,
    ESCAPE,
    CSI,
    SS3
  }

  /** A key that edits. */
  enum Command implements Key {
    LINE_START,
    LINE_END,
    LEFT,
    RIGHT,
    UP,
    DOWN,
    DELETE,
    BACKSPACE,
    KILL_WORD,
    KILL_LINE,
    KILL_TO_END,
    COMPLETE,
    CLEAR_SCREEN,
    ENTER
  }

  /** A character to insert. */
  record Character(int codePoint) implements Key {}

  sealed interface Key permits Command, Character {}

  private State state = State.NORMAL;
  private int parameter;
  private final byte[] utf8 = new byte[4];
  private int utf8Length;
  private int utf8Wanted;

  /** The key that this byte completes, if it does. */
  Optional<Key> feed(byte raw) {
    int b = raw & 0xff;
    return switch (state) {
      case NORMAL -> normal(b);
      case ESCAPE -> escape(b);
      case CSI -> csi(b);
      case SS3 -> ss3(b);
    };
  }

  void reset() {
    state = State.NORMAL;
    utf8Length = 0;
  }

  private Optional<Key> normal(int b) {
    if (utf8Length > 0 && (b & 0xc0) != 0x80) {
      // The character before was cut short; it is dropped, this byte begins anew.
      utf8Length = 0;
    }
    if (b >= 0x80) {
      return utf8(b);
    }
    if (b == 0x1b) {
      state = State.ESCAPE;
      return Optional.empty();
    }
    return b < 0x20 || b == 0x7f ? control(b) : Optional.of(new Character(b));
  }

  private static Optional<Key> control(int b) {
    return switch (b) {
      case 'A' - 0x40 -> Optional.of(Command.LINE_START);
      case 'B' - 0x40 -> Optional.of(Command.LEFT);
      case 'D' - 0x40 -> Optional.of(Command.DELETE);
      case 'E' - 0x40 -> Optional.of(Command.LINE_END);
      case 'F' - 0x40 -> Optional.of(Command.RIGHT);
      case '\b', 0x7f -> Optional.of(Command.BACKSPACE);
      case '\t' -> Optional.of(Command.COMPLETE);
      case '\n', '\r' -> Optional.of(Command.ENTER);
      case 'K' - 0x40 -> Optional.of(Command.KILL_TO_END);
      case 'L' - 0x40 -> Optional.of(Command.CLEAR_SCREEN);
      case 'N' - 0x40 -> Optional.of(Command.DOWN);
      case 'P' - 0x40 -> Optional.of(Command.UP);
      case 'U' - 0x40 -> Optional.of(Command.KILL_LINE);
      case 'W' - 0x40 -> Optional.of(Command.KILL_WORD);
      default -> Optional.empty();
    };
  }

  private Optional<Key> escape(int b) {
    parameter = 0;
    state = b == '[' ? State.CSI : b == 'O' ? State.SS3 : State.NORMAL;
    return Optional.empty();
  }

  private Optional<Key> csi(int b) {
    if (b >= '0' && b <= '9') {
      parameter = Math.min(1000, parameter * 10 + b - '0');
      return Optional.empty();
    }
    if (b == ';') {
      // A modifier follows (Ctrl-Left is ESC [ 1 ; 5 D); the key counts without it.
      parameter = 0;
      return Optional.empty();
    }
    state = State.NORMAL;
    return switch (b) {
      case 'A' -> Optional.of(Command.UP);
      case 'B' -> Optional.of(Command.DOWN);
      case 'C' -> Optional.of(Command.RIGHT);
      case 'D' -> Optional.of(Command.LEFT);
      case 'E' -> Optional.of(Command.DOWN);
      case 'F' -> Optional.of(Command.LINE_END);
      case 'H' -> Optional.of(Command.LINE_START);
      case '~' -> keypad();
      default -> Optional.empty();
    };
  }

  private Optional<Key> keypad() {
    return switch (parameter) {
      case 1, 7 -> Optional.of(Command.LINE_START);
      case 3 -> Optional.of(Command.DELETE);
      case 4, 8 -> Optional.of(Command.LINE_END);
      default -> Optional.empty();
    };
  }

  /** Application mode's cursor keys; QEMU knows only Home and End of them. */
  private Optional<Key> ss3(int b) {
    state = State.NORMAL;
    return switch (b) {
      case 'A' -> Optional.of(Command.UP);
      case 'B' -> Optional.of(Command.DOWN);
      case 'C' -> Optional.of(Command.RIGHT);
      case 'D' -> Optional.of(Command.LEFT);
      case 'F' -> Optional.of(Command.LINE_END);
      case 'H' -> Optional.of(Command.LINE_START);
      default -> Optional.empty();
    };
  }

  private Optional<Key> utf8(int b) {
    if (utf8Length == 0) {
      utf8Wanted = b >= 0xf0 && b < 0xf8 ? 4 : b >= 0xe0 && b < 0xf0 ? 3 : b >= 0xc0 ? 2 : 1;
      if (b < 0xc2 || b >= 0xf5) {
        return Optional.of(new Character(0xfffd));
      }
    }
    utf8[utf8Length++] = (byte) b;
    if (utf8Length < utf8Wanted) {
      return Optional.empty();
    }
    int codePoint = new String(utf8, 0, utf8Length, StandardCharsets.UTF_8).codePointAt(0);
    utf8Length = 0;
    return Optional.of(new Character(codePoint));
  }
}
