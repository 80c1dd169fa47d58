package dev.dunlin.core.chardev;

/** Takes everything and gives nothing. */
final class NullChardev extends AbstractChardev {
  NullChardev(String id) {
    super(id);
  }

  @Override
  public boolean takesOutput() {
    return true;
  }

  @Override
  public String filename() {
    return "null";
  }

  @Override
  public void close() {
    closeStream();
  }
}
