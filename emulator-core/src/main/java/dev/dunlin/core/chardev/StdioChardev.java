package dev.dunlin.core.chardev;

import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.Terminal;
import java.time.Duration;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;

/**
 * Standard input and output. On a terminal its modes are QEMU's, and the old ones come back when
 * this is closed or, by a shutdown hook, when the JVM ends otherwise. The end of the input is not
 * the end of the device: {@code -monitor stdio </dev/null} still says things.
 */
final class StdioChardev extends AbstractChardev {
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final boolean signals;
  private final StandardStreams streams;
  private final Optional<Terminal> terminal = Terminal.on(0);
  private final Thread hook = new Thread(this::restoreTerminal, "restore the terminal");

  StdioChardev(String id, MainLoop loop, boolean signals) throws PosixException {
    super(id);
    this.signals = signals;
    this.streams = StandardStreams.open();
    if (terminal.isPresent()) {
      Runtime.getRuntime().addShutdownHook(hook);
      setEcho(false);
    }
    connected(new ByteStream(loop, streams.port(), this));
  }

  @Override
  public String filename() {
    return "stdio";
  }

  @Override
  public void setEcho(boolean echo) {
    if (terminal.isPresent()) {
      try {
        terminal.get().setModes(echo, signals);
      } catch (PosixException e) {
        LogManager.getLogger(StdioChardev.class).debug("no terminal modes: {}", e.getMessage());
      }
    }
  }

  @Override
  public boolean isTerminal() {
    return isOpen() && Terminal.on(1).isPresent();
  }

  @Override
  public void ended() {
    // The stream reads no more by itself; output goes on.
  }

  @Override
  public void close() {
    if (!isOpen()) {
      return;
    }
    drain(LAST_WORDS);
    closeStream();
    streams.putBack();
    if (terminal.isPresent()) {
      restoreTerminal();
      removeHook();
    }
  }

  private void restoreTerminal() {
    if (terminal.isPresent()) {
      try {
        terminal.get().restore();
      } catch (PosixException gone) {
        LogManager.getLogger(StdioChardev.class).debug("terminal gone: {}", gone.getMessage());
      }
    }
  }

  private void removeHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook runs anyway; restoring twice is harmless.
    }
  }
}
