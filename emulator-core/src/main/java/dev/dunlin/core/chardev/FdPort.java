package dev.dunlin.core.chardev;

import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import java.nio.ByteBuffer;

/** A port over two descriptors: standard input and output, a pair of FIFOs. Owns both. */
record FdPort(Fd in, Fd out) implements BytePort {

  @Override
  public int readFd() {
    return in.number();
  }

  @Override
  public int writeFd() {
    return out.number();
  }

  @Override
  public IoOutcome read(ByteBuffer into) throws PosixException {
    return in.read(into);
  }

  @Override
  public IoOutcome write(ByteBuffer from) throws PosixException {
    return out.write(from);
  }

  @Override
  public void close() {
    in.close();
    out.close();
  }
}
