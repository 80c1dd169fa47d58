package dev.dunlin.slirp.saved;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.ModuleStateException;
import dev.dunlin.slirp.wire.IpAddr;
import java.nio.ByteBuffer;

/** Takes numbers from bytes that may end, or lie, anywhere. */
final class Reader {
  private final ByteBuffer in;

  Reader(byte[] bytes) {
    in = ByteBuffer.wrap(bytes);
  }

  private ByteBuffer need(int length) throws ModuleStateException {
    if (length > in.remaining()) {
      throw new ModuleStateException("it ends too early");
    }
    return in;
  }

  int octet() throws ModuleStateException {
    return need(1).get() & 0xff;
  }

  int half() throws ModuleStateException {
    return need(2).getShort() & 0xffff;
  }

  int word() throws ModuleStateException {
    return need(4).getInt();
  }

  long number() throws ModuleStateException {
    return need(8).getLong();
  }

  IpAddr address() throws ModuleStateException {
    need(16);
    return IpAddr.of(in.getLong(), in.getLong());
  }

  long mac() throws ModuleStateException {
    return (long) half() << 32 | (word() & 0xffff_ffffL);
  }

  int port() throws ModuleStateException {
    int port = half();
    if (port == 0) {
      throw new ModuleStateException("there is no port 0");
    }
    return port;
  }

  byte[] bytes(int length) throws ModuleStateException {
    need(length);
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /** Reads one element. */
  interface Element<T> {
    T read(Reader in) throws ModuleStateException;
  }

  /** A count and so many elements, each of at least {@code least} bytes. */
  <T> ImmutableList<T> list(String what, int least, Element<T> element)
      throws ModuleStateException {
    int count = word();
    if (count < 0 || count > in.remaining() / least) {
      throw new ModuleStateException(
          Integer.toUnsignedString(count) + " " + what + " are more than there are bytes for");
    }
    ImmutableList.Builder<T> all = ImmutableList.builderWithExpectedSize(count);
    for (int i = 0; i < count; i++) {
      all.add(element.read(this));
    }
    return all.build();
  }

  void end() throws ModuleStateException {
    if (in.hasRemaining()) {
      throw new ModuleStateException(in.remaining() + " bytes too many");
    }
  }
}
