package dev.dunlin.core.monitor.hmp;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.chardev.Chardev;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * One human monitor on one character device, for one client after the other. What belongs to a
 * client (its half-typed line, its command under way) ends with it; history stays. Loop thread.
 */
public final class HmpSession implements Chardev.Frontend, AutoCloseable {
  /** Beyond this a single command's output is cut: its reader doesn't read. */
  private static final long MAX_OUTPUT = 16 << 20;

  private final Chardev device;
  private final HmpInterpreter interpreter;
  private final String greeting;
  private final LineEditor editor;
  private ByteBuffer pending = ByteBuffer.allocate(0);
  private Client client = new Client();
  private boolean atWork;

  /** Attaches to {@code device}; {@code version} is what the greeting names. */
  public HmpSession(Chardev device, HmpInterpreter interpreter, String version) {
    this.device = device;
    this.interpreter = interpreter;
    this.greeting = "Dunlin " + version + " monitor - type 'help' for more information\n";
    Completer completer =
        new Completer(interpreter.registry().commands(), interpreter.registry().info());
    this.editor = new LineEditor(new Lines(), completer::complete);
    device.setEcho(false);
    device.attach(this);
  }

  @Override
  public void opened() {
    client = new Client();
    editor.restart();
    print(greeting);
    editor.prompt();
  }

  @Override
  public void received(ByteBuffer bytes) {
    ByteBuffer all = ByteBuffer.allocate(pending.remaining() + bytes.remaining());
    pending = all.put(pending).put(bytes).flip();
    work();
  }

  @Override
  public void writable() {
    client.runWaiting();
    work();
  }

  @Override
  public void closed() {
    pending = ByteBuffer.allocate(0);
    client.leave();
  }

  @Override
  public void close() {
    device.detach();
    client.leave();
  }

  /** Feeds the editor as long as nothing speaks against it; asks for more input only then. */
  private void work() {
    if (atWork) {
      return;
    }
    atWork = true;
    try {
      while (pending.hasRemaining() && mayGoOn()) {
        editor.feed(pending.get());
      }
    } finally {
      atWork = false;
    }
    device.setReading(!pending.hasRemaining() && mayGoOn());
  }

  private boolean mayGoOn() {
    return !client.busy && !device.isCongested();
  }

  private void print(String text) {
    if (device.queued() < MAX_OUTPUT) {
      device.write(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** What the editor does with the terminal and with lines. */
  private final class Lines implements LineEditor.Listener {
    @Override
    public void echo(String text) {
      print(text);
    }

    @Override
    public void entered(String line) {
      Client mine = client;
      mine.busy = true;
      interpreter.execute(line, mine, () -> finished(mine));
    }

    @Override
    public void tooLong() {
      print("line too long: at most " + LineEditor.MAX_LINE + " characters\n");
      editor.prompt();
    }

    private void finished(Client mine) {
      mine.commandOver();
      if (mine == client && !mine.gone) {
        editor.prompt();
        work();
      }
    }
  }

  /** Who is at the other end, as a command sees them. */
  private final class Client implements HmpConsole {
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<Runnable> whenGone = new ArrayList<>();
    private boolean busy;
    private boolean gone;

    @Override
    public void print(String text) {
      if (!gone) {
        HmpSession.this.print(text);
      }
    }

    @Override
    public void whenWritable(Runnable action) {
      interpreter.later(
          () -> {
            if (gone || !device.isCongested()) {
              action.run();
            } else {
              waiting.add(action);
            }
          });
    }

    @Override
    public boolean isInteractive() {
      return !gone && device.isOpen();
    }

    @Override
    public boolean isTerminal() {
      return isInteractive() && device.isTerminal();
    }

    @Override
    public void onDisconnect(Runnable action) {
      whenGone.add(action);
    }

    @Override
    public ImmutableList<String> history() {
      return editor.history().lines();
    }

    @Override
    public OptionalInt takeReceivedFd() {
      return gone ? OptionalInt.empty() : device.takeReceivedFd();
    }

    private void commandOver() {
      busy = false;
      whenGone.clear();
    }

    private void runWaiting() {
      List<Runnable> actions = List.copyOf(waiting);
      waiting.clear();
      actions.forEach(Runnable::run);
    }

    private void leave() {
      if (!gone) {
        gone = true;
        List.copyOf(whenGone).forEach(Runnable::run);
        runWaiting();
      }
    }
  }
}
