package dev.dunlin.core.chardev;

/** Keeps the last bytes of output in memory, for {@code ringbuf_read}. */
public final class RingbufChardev extends AbstractChardev {
  private final byte[] ring;
  private long written;
  private long read;

  /** {@code size} is a power of two. */
  RingbufChardev(String id, int size) {
    super(id);
    this.ring = new byte[size];
  }

  @Override
  public boolean takesOutput() {
    return true;
  }

  @Override
  public String filename() {
    return "ringbuf";
  }

  @Override
  public void write(byte[] bytes) {
    for (byte b : bytes) {
      ring[(int) (written++ & ring.length - 1)] = b;
    }
    read = Math.max(read, written - ring.length);
  }

  /** Takes at most {@code size} bytes, the oldest first. */
  public byte[] read(long size) {
    byte[] taken = new byte[(int) Math.min(size, written - read)];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = ring[(int) (read++ & ring.length - 1)];
    }
    return taken;
  }

  @Override
  public void close() {
    closeStream();
  }
}
