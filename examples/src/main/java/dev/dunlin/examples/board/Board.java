package dev.dunlin.examples.board;

import org.jspecify.annotations.Nullable;

/**
 * A board with 16 MiB of RAM, kept in pages that exist once they are written, and a CPU that knows
 * one program: it walks over the pages for ever and counts its visits in the first byte of each. So
 * RAM is at every moment a function of the CPU's tick counter, and any page that is lost or torn
 * shows.
 */
public final class Board {
  public static final int PAGE = 4096;
  public static final int PAGES = 4096;

  private final byte[] @Nullable [] ram = new byte @Nullable [PAGES][];
  private long ticks;

  /** Told the address of every byte that the CPU has written. */
  private WriteListener listener = address -> {};

  /** Who wants to know what the CPU writes. */
  public interface WriteListener {
    void written(long address);
  }

  public void setWriteListener(WriteListener listener) {
    this.listener = listener;
  }

  /** Executes some instructions; CPU thread. */
  public void execute(int instructions) {
    for (int i = 0; i < instructions; i++) {
      int page = (int) (ticks % PAGES);
      page(page)[0]++;
      listener.written((long) page * PAGE);
      ticks++;
    }
  }

  /** The page's bytes, made when they are first asked for. */
  public byte[] page(int page) {
    byte[] bytes = ram[page];
    if (bytes == null) {
      bytes = new byte[PAGE];
      ram[page] = bytes;
    }
    return bytes;
  }

  public boolean isTouched(int page) {
    return ram[page] != null;
  }

  public void forget(int page) {
    ram[page] = null;
  }

  /** The CPU's only register. */
  public long ticks() {
    return ticks;
  }

  public void setTicks(long ticks) {
    this.ticks = ticks;
  }

  /** Whether RAM is what it must be after so many ticks. */
  public boolean isConsistent() {
    for (int page = 0; page < PAGES; page++) {
      byte visits = (byte) ((ticks + PAGES - 1 - page) / PAGES);
      if ((isTouched(page) ? page(page)[0] : 0) != visits) {
        return false;
      }
    }
    return true;
  }
}
