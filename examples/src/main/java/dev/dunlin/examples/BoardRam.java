package dev.dunlin.examples;

import dev.dunlin.examples.board.Board;
import dev.dunlin.ram.RamBacking;
import java.nio.ByteBuffer;
import java.util.Objects;

/** The board's memory as Dunlin sees it; not a byte is copied until it is asked for. */
final class BoardRam implements RamBacking {
  private final Board board;

  BoardRam(Board board) {
    this.board = board;
  }

  @Override
  public long length() {
    return (long) Board.PAGES * Board.PAGE;
  }

  @Override
  public void read(long offset, ByteBuffer into) {
    Objects.checkFromIndexSize(offset, into.remaining(), length());
    while (into.hasRemaining()) {
      int within = (int) (offset % Board.PAGE);
      int count = Math.min(into.remaining(), Board.PAGE - within);
      into.put(board.page((int) (offset / Board.PAGE)), within, count);
      offset += count;
    }
  }

  @Override
  public void write(long offset, ByteBuffer from) {
    Objects.checkFromIndexSize(offset, from.remaining(), length());
    while (from.hasRemaining()) {
      int within = (int) (offset % Board.PAGE);
      int count = Math.min(from.remaining(), Board.PAGE - within);
      from.get(board.page((int) (offset / Board.PAGE)), within, count);
      offset += count;
    }
  }

  @Override
  public void discard(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, length());
    for (long page = offset / Board.PAGE; page < (offset + length) / Board.PAGE; page++) {
      board.forget((int) page);
    }
  }

  /** Pages that were never written aren't even read. */
  @Override
  public long nextTouched(long from) {
    long page = from / Board.PAGE;
    if (page < Board.PAGES && board.isTouched((int) page)) {
      return from;
    }
    do {
      page++;
    } while (page < Board.PAGES && !board.isTouched((int) page));
    return Math.min(page, Board.PAGES) * Board.PAGE;
  }

  @Override
  public void close() {
    // The memory is the board's.
  }
}
