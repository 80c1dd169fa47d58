package dev.dunlin.core.chardev;

import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import java.nio.ByteBuffer;

/** Non-blocking descriptors to read from and write to; they may be one and the same. */
interface BytePort extends AutoCloseable {

  int readFd();

  int writeFd();

  IoOutcome read(ByteBuffer into) throws PosixException;

  IoOutcome write(ByteBuffer from) throws PosixException;

  @Override
  void close();
}
