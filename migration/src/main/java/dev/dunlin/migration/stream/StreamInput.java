package dev.dunlin.migration.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The reading end of a stream. Past the end every value reads as zero and {@link #failure} says
 * why, from then on: QEMU's QEMUFile does so, and which message a truncated stream earns depends on
 * it. One thread.
 */
public final class StreamInput {
  private static final int CAPACITY = 128 * 1024;

  private final ByteSource source;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.BIG_ENDIAN).limit(0);
  private long consumed;
  private Optional<String> failure = Optional.empty();

  public StreamInput(ByteSource source) {
    this.source = source;
  }

  /** Over bytes that are here already. */
  public static StreamInput of(ByteBuffer bytes) {
    ByteBuffer left = bytes.duplicate();
    return new StreamInput(
        into -> {
          if (!left.hasRemaining()) {
            return -1;
          }
          int piece = Math.min(into.remaining(), left.remaining());
          into.put(into.position(), left, left.position(), piece);
          into.position(into.position() + piece);
          left.position(left.position() + piece);
          return piece;
        });
  }

  /** Bytes handed out so far. */
  public long position() {
    return consumed;
  }

  /** Why nothing more can be read: the end of the stream, or an error of the channel. */
  public Optional<String> failure() {
    return failure;
  }

  /** Throws QEMU's EIO when reading has failed. */
  public void check() throws LoadException {
    if (failure.isPresent()) {
      throw LoadException.of(LoadException.Kind.IO);
    }
  }

  public int getByte() {
    if (!buffer.hasRemaining() && !refill()) {
      return 0;
    }
    consumed++;
    return buffer.get() & 0xff;
  }

  /** The next byte, which stays unread; empty at the end of the stream. */
  public OptionalInt peekByte() {
    if (!buffer.hasRemaining() && !refill()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(buffer.get(buffer.position()) & 0xff);
  }

  public int getInt() {
    if (buffer.remaining() >= 4) {
      consumed += 4;
      return buffer.getInt();
    }
    return getByte() << 24 | getByte() << 16 | getByte() << 8 | getByte();
  }

  public long getLong() {
    if (buffer.remaining() >= 8) {
      consumed += 8;
      return buffer.getLong();
    }
    return (long) getInt() << 32 | (getInt() & 0xffffffffL);
  }

  /**
   * A length byte and that many bytes; what the stream lacks of them is left out, as a C string cut
   * short.
   */
  public Counted getCounted() {
    int declared = getByte();
    byte[] bytes = new byte[declared];
    int length = get(bytes);
    return new Counted(
        declared, length, new String(bytes, 0, terminator(bytes, length), StandardCharsets.UTF_8));
  }

  /** Reads up to {@code bytes.length} bytes; fewer only when the stream failed. */
  public int get(byte[] bytes) {
    return get(bytes, 0, bytes.length);
  }

  private int get(byte[] bytes, int from, int to) {
    int done = from;
    while (done < to && (buffer.hasRemaining() || refill())) {
      int piece = Math.min(to - done, buffer.remaining());
      buffer.get(bytes, done, piece);
      done += piece;
      consumed += piece;
    }
    return done - from;
  }

  /**
   * The next {@code length} bytes in an array that grows with what really arrives: a length alone
   * allocates nothing. Shorter only when the stream failed.
   */
  public byte[] take(int length) {
    byte[] bytes = new byte[Math.min(length, CAPACITY)];
    int have = get(bytes);
    while (have < length && failure.isEmpty()) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * bytes.length));
      have += get(bytes, have, bytes.length);
    }
    return have == length ? bytes : Arrays.copyOf(bytes, have);
  }

  /**
   * Up to {@code length} of the bytes that come next (at most 64 KiB), which stay to be read; fewer
   * only when the stream ends before. Valid until the next read.
   */
  public ByteBuffer peek(int length) {
    while (buffer.remaining() < length && compactAndFill()) {
      // One read may bring less than is wanted.
    }
    return buffer.slice(buffer.position(), Math.min(length, buffer.remaining()));
  }

  /**
   * Reads what there is, at least one byte and at most {@code length}, into {@code bytes} from
   * {@code offset}; waits for more only when there is nothing. Returns how many, or -1 when the
   * stream failed.
   */
  public int getSome(byte[] bytes, int offset, int length) {
    if (!buffer.hasRemaining() && !refill()) {
      return -1;
    }
    int piece = Math.min(length, buffer.remaining());
    buffer.get(bytes, offset, piece);
    consumed += piece;
    return piece;
  }

  /** Passes {@code length} bytes by without keeping them, as far as there are any. */
  public void skip(long length) {
    for (long left = length; left > 0 && (buffer.hasRemaining() || refill()); ) {
      int piece = (int) Math.min(left, buffer.remaining());
      buffer.position(buffer.position() + piece);
      left -= piece;
      consumed += piece;
    }
  }

  /**
   * The next {@code length} bytes (at most 64 KiB) as a view that is valid until the next read, or
   * empty when the stream ends before.
   */
  public Optional<ByteBuffer> view(int length) {
    while (buffer.remaining() < length) {
      if (!compactAndFill()) {
        buffer.position(buffer.limit());
        return Optional.empty();
      }
    }
    ByteBuffer view = buffer.slice(buffer.position(), length);
    buffer.position(buffer.position() + length);
    consumed += length;
    return Optional.of(view);
  }

  private static int terminator(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == 0) {
        return i;
      }
    }
    return length;
  }

  private boolean refill() {
    return compactAndFill();
  }

  private boolean compactAndFill() {
    if (failure.isPresent()) {
      return false;
    }
    buffer.compact();
    try {
      int read = source.read(buffer);
      if (read < 0) {
        failure = Optional.of("the stream ended after " + consumedAndHeld() + " bytes");
      }
    } catch (IOException e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
    }
    buffer.flip();
    return failure.isEmpty();
  }

  private long consumedAndHeld() {
    return consumed + buffer.position();
  }

  /**
   * A counted string.
   *
   * @param declared what the length byte said
   * @param length how many bytes there were
   */
  public record Counted(int declared, int length, String text) {
    /** QEMU takes an empty name for one that could not be read. */
    public boolean isReadable() {
      return declared == length && declared > 0;
    }
  }

  /** Where the bytes come from. */
  @FunctionalInterface
  public interface ByteSource {
    /** Reads at least one byte, waiting as long as it must; -1 at the end. */
    int read(ByteBuffer into) throws IOException;
  }
}
