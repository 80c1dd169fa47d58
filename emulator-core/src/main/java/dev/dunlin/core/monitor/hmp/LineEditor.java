package dev.dunlin.core.monitor.hmp;

import dev.dunlin.core.monitor.hmp.KeyReader.Command;
import java.util.Optional;
import java.util.function.Function;

/**
 * One line being typed on a terminal at the other end of a byte stream: takes bytes, echoes what
 * changed, hands over finished lines. The echo is util/readline.c's, byte for byte: clients that
 * wait for it or strip it (expect scripts, nc) see what they know. Beyond it: UTF-8 is edited by
 * character, and ^U, ^K, ^B, ^F work. Loop thread.
 */
final class LineEditor {
  /** QEMU's READLINE_CMD_BUF_SIZE. What is typed beyond it makes the line refused. */
  static final int MAX_LINE = 4095;

  static final String PROMPT = "(qemu) ";

  /** The terminal and what its lines are for. */
  interface Listener {
    void echo(String text);

    void entered(String line);

    void tooLong();
  }

  private final Listener listener;
  private final Function<String, Completion> completer;
  private final KeyReader keys = new KeyReader();
  private final LineHistory history = new LineHistory();
  private final LineBuffer line = new LineBuffer();
  private final LineBuffer shown = new LineBuffer();
  private boolean overflown;

  LineEditor(Listener listener, Function<String, Completion> completer) {
    this.listener = listener;
    this.completer = completer;
  }

  LineHistory history() {
    return history;
  }

  /** Forgets a half-typed line: somebody else is at the terminal now. */
  void restart() {
    keys.reset();
    line.clear();
    shown.clear();
    overflown = false;
  }

  void prompt() {
    listener.echo(PROMPT);
    shown.clear();
  }

  /** Takes one byte. A finished line is handed over before this returns. */
  void feed(byte b) {
    keys.feed(b).ifPresent(this::press);
  }

  private void press(KeyReader.Key key) {
    if (key == Command.ENTER) {
      enter();
      return;
    }
    if (key instanceof KeyReader.Character character) {
      insert(character.codePoint());
    } else {
      edit((Command) key);
    }
    showChange();
  }

  private void edit(Command command) {
    switch (command) {
      case LINE_START -> line.moveTo(0);
      case LINE_END -> line.moveTo(line.length());
      case LEFT -> line.moveTo(line.cursor() - 1);
      case RIGHT -> line.moveTo(line.cursor() + 1);
      case UP -> fetch(history.up());
      case DOWN -> fetch(history.down());
      case DELETE -> line.remove(line.cursor(), line.cursor() + 1);
      case BACKSPACE -> line.remove(line.cursor() - 1, line.cursor());
      case KILL_WORD -> line.remove(line.wordStart(), line.cursor());
      case KILL_LINE -> line.remove(0, line.cursor());
      case KILL_TO_END -> line.remove(line.cursor(), line.length());
      case COMPLETE -> complete();
      case CLEAR_SCREEN -> clearScreen();
      case ENTER -> throw new IllegalStateException("enter isn't an edit");
    }
  }

  private void enter() {
    String text = line.toString();
    boolean refused = overflown;
    listener.echo("\n");
    line.clear();
    shown.clear();
    overflown = false;
    if (refused) {
      listener.tooLong();
    } else {
      history.add(text);
      listener.entered(text);
    }
  }

  private void insert(int codePoint) {
    if (line.length() < MAX_LINE) {
      line.insert(codePoint);
    } else {
      overflown = true;
    }
  }

  private void fetch(Optional<String> text) {
    text.ifPresent(line::set);
  }

  private void complete() {
    Completion completion = completer.apply(line.beforeCursor());
    if (completion.candidates().isEmpty()) {
      return;
    }
    boolean unique = completion.candidates().size() == 1;
    if (!unique) {
      listener.echo("\n");
    }
    completion.commonRest().codePoints().forEach(this::insert);
    if (!unique) {
      listener.echo(completion.table());
      prompt();
    } else if (!completion.candidates().get(0).endsWith("/")) {
      insert(' ');
    }
  }

  private void clearScreen() {
    listener.echo("\033[2J\033[1;1H");
    prompt();
  }

  /** Rewrites the line when its text changed, then moves the cursor to its place. */
  private void showChange() {
    StringBuilder echo = new StringBuilder();
    if (!line.sameText(shown)) {
      echo.append("\033[D".repeat(shown.cursor())).append(line).append("\033[K");
      shown.set(line.toString());
    }
    int move = line.cursor() - shown.cursor();
    echo.append((move > 0 ? "\033[C" : "\033[D").repeat(Math.abs(move)));
    shown.moveTo(line.cursor());
    if (!echo.isEmpty()) {
      listener.echo(echo.toString());
    }
  }
}
