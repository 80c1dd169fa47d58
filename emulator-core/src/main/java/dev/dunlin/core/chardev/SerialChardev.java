package dev.dunlin.core.chardev;

import dev.dunlin.core.loop.MainLoop;

/** A serial line of the host's. */
final class SerialChardev extends AbstractChardev {

  SerialChardev(String id, MainLoop loop, FdPort line) {
    super(id);
    connected(new ByteStream(loop, line, this));
  }

  @Override
  public boolean isOver() {
    return !isOpen();
  }

  @Override
  public String filename() {
    return "serial";
  }

  @Override
  public void close() {
    closeStream();
  }
}
