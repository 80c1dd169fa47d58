package dev.dunlin.core.net.link;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Ints;
import dev.dunlin.core.Emulator;
import dev.dunlin.core.child.Children;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.Fd;
import org.jspecify.annotations.Nullable;

/** What links want of the emulator, from its start on. */
final class LinkHost {
  private volatile @Nullable Emulator emulator;

  void start(Emulator started) {
    emulator = started;
  }

  /** Refuses what can't be a descriptor: before the start there are only numbers. */
  void checkDescriptor(String text) throws OptionException {
    boolean digits = !text.isEmpty() && Character.isDigit(text.charAt(0));
    if (digits ? Ints.tryParse(text) == null : emulator == null) {
      throw new OptionException("Invalid file descriptor number '" + text + "'");
    }
  }

  /** To the machine monitors. Any thread. */
  void emit(String event, ImmutableMap<String, ?> data) {
    Emulator running = emulator;
    if (running != null) {
      running.monitor().emit(event, data);
    }
  }

  /** For scripts; its {@code spawnOwned} is for any thread. */
  Children children() {
    Emulator running = emulator;
    if (running == null) {
      throw new IllegalStateException("the emulator hasn't started");
    }
    return running.children();
  }

  /**
   * The descriptor that a user means: a number that the process was started with, or a name that
   * {@code getfd} gave. The caller owns it. Loop thread.
   */
  Fd descriptor(String text) throws OptionException {
    if (!text.isEmpty() && Character.isDigit(text.charAt(0))) {
      Integer number = Ints.tryParse(text);
      if (number == null) {
        throw new OptionException("Invalid file descriptor number '" + text + "'");
      }
      return Fd.owning(number);
    }
    Emulator running = emulator;
    if (running == null) {
      throw new OptionException("Invalid file descriptor number '" + text + "'");
    }
    return Fd.owning(
        running
            .fds()
            .take(text)
            .orElseThrow(
                () ->
                    new OptionException(
                        "File descriptor named '" + text + "' has not been found")));
  }
}
