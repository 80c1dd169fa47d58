package dev.dunlin.migration.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The writing end of a stream: big-endian values and pages, gathered in a direct buffer and handed
 * to a {@link ByteSink} when it is full. One thread.
 *
 * <p>64 KiB pieces into a 1 MiB pipe are as fast as any ordinary write gets; neither larger pieces
 * nor writev of header and page did better.
 */
public class StreamOutput {
  private static final int STAGING = 64 * 1024;

  private final ByteSink sink;
  private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING).order(ByteOrder.BIG_ENDIAN);
  private long taken;

  public StreamOutput(ByteSink sink) {
    this.sink = sink;
  }

  /** Bytes put so far. */
  public final long position() {
    return taken + staging.position();
  }

  public final void putByte(int value) throws IOException {
    room(1).put((byte) value);
  }

  public final void putInt(int value) throws IOException {
    room(4).putInt(value);
  }

  public final void putLong(long value) throws IOException {
    room(8).putLong(value);
  }

  /** A length byte and that many bytes, as section and block names are stored. */
  public final void putCounted(String name) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 255) {
      throw new IllegalArgumentException("'" + name + "' is longer than 255 bytes");
    }
    room(1 + bytes.length).put((byte) bytes.length).put(bytes);
  }

  public final void putBytes(byte[] bytes) throws IOException {
    for (int done = 0; done < bytes.length; ) {
      int piece = Math.min(bytes.length - done, STAGING);
      room(piece).put(bytes, done, piece);
      done += piece;
    }
  }

  /** All that is left in a buffer. */
  public final void putBuffer(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int piece = Math.min(bytes.remaining(), STAGING);
      putCopy(bytes, bytes.position(), piece);
      bytes.position(bytes.position() + piece);
    }
  }

  /**
   * Guest memory that stays in place, whatever is written to it: {@code length} bytes of {@code
   * memory} from {@code offset}. Here it is copied; a subclass may send it by reference.
   */
  public void putMemory(ByteBuffer memory, int offset, int length) throws IOException {
    putCopy(memory, offset, length);
  }

  /** Bytes that change as soon as this returns. */
  public final void putCopy(ByteBuffer memory, int offset, int length) throws IOException {
    ByteBuffer room = room(length);
    int at = room.position();
    room.put(at, memory, offset, length);
    room.position(at + length);
  }

  /** Whether {@link #putMemory} may still leave it to the reader when the memory is looked at. */
  public boolean sendsByReference() {
    return false;
  }

  /** Ends {@link #sendsByReference}. */
  public void sendByCopyFromNowOn() throws IOException {}

  /**
   * The staging buffer with at least {@code length} free bytes (at most 64 KiB) at its position,
   * for a caller that puts many small values at once.
   */
  public final ByteBuffer room(int length) throws IOException {
    if (staging.remaining() < length) {
      flush();
    }
    return staging;
  }

  /** Hands everything put so far to the sink. */
  public void flush() throws IOException {
    flushStaging();
  }

  /** Hands over what is staged. */
  protected final void flushStaging() throws IOException {
    staging.flip();
    taken += staging.remaining();
    if (staging.hasRemaining()) {
      sink.write(staging);
    }
    staging.clear();
  }

  /** What was put and not yet handed over, for a subclass that sends it in its own way. */
  protected final ByteBuffer staged() {
    return staging;
  }

  /** A subclass has taken so many bytes itself. */
  protected final void taken(long bytes) {
    taken += bytes;
  }

  /** Where the bytes go. */
  @FunctionalInterface
  public interface ByteSink {
    /** Takes every remaining byte, waiting as long as it must. */
    void write(ByteBuffer bytes) throws IOException;
  }
}
