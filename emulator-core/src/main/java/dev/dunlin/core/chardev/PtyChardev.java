package dev.dunlin.core.chardev;

import dev.dunlin.core.loop.MainLoop;
import dev.dunlin.core.loop.MainLoop.LoopTimer;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.PseudoTerminal;
import java.time.Duration;
import org.apache.logging.log4j.LogManager;

/**
 * A pseudo-terminal that a user opens by its name. The kernel tells nobody that this happens, so
 * while nobody is there it is looked once a second, as QEMU does (chardev/char-pty.c).
 */
final class PtyChardev extends AbstractChardev {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final MainLoop loop;
  private final PseudoTerminal terminal;
  private LoopTimer next;

  PtyChardev(String id, MainLoop loop, PseudoTerminal terminal) {
    super(id);
    this.loop = loop;
    this.terminal = terminal;
    this.next = loop.schedule(LOOK, this::look);
  }

  @Override
  public String filename() {
    return "pty:" + terminal.name();
  }

  private void look() {
    if (isSomebodyThere()) {
      Fd master = Fd.borrowing(terminal.master().number());
      connected(new ByteStream(loop, new FdPort(master, master), this));
    } else {
      next = loop.schedule(LOOK, this::look);
    }
  }

  private boolean isSomebodyThere() {
    try {
      if (terminal.master().isHungUp()) {
        return false;
      }
      terminal.makeRaw();
      return true;
    } catch (PosixException e) {
      LogManager.getLogger(PtyChardev.class).debug("{}: {}", id(), e.getMessage());
      return false;
    }
  }

  @Override
  public void ended() {
    disconnected();
    next = loop.schedule(LOOK, this::look);
  }

  @Override
  public void close() {
    next.cancel();
    closeStream();
    terminal.close();
  }
}
