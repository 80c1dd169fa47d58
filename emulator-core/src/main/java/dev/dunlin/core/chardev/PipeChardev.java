package dev.dunlin.core.chardev;

import dev.dunlin.core.loop.MainLoop;

/** A pair of FIFOs, or one device for both directions. Never ends: it holds both sides open. */
final class PipeChardev extends AbstractChardev {

  PipeChardev(String id, MainLoop loop, FdPort port) {
    super(id);
    connected(new ByteStream(loop, port, this));
  }

  @Override
  public String filename() {
    return "pipe";
  }

  @Override
  public void close() {
    closeStream();
  }
}
