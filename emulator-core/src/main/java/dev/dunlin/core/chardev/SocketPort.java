package dev.dunlin.core.chardev;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.StreamSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;

/**
 * A port over a connected socket. Descriptors that come with the input are kept until they are
 * taken or the next ones come: at most one message's.
 */
final class SocketPort implements BytePort {
  private final StreamSocket socket;
  private final Deque<Fd> received = new ArrayDeque<>();

  SocketPort(StreamSocket socket) {
    this.socket = socket;
  }

  StreamSocket socket() {
    return socket;
  }

  @Override
  public int readFd() {
    return socket.number();
  }

  @Override
  public int writeFd() {
    return socket.number();
  }

  @Override
  public IoOutcome read(ByteBuffer into) throws PosixException {
    return socket.receive(into, this::keep);
  }

  @Override
  public IoOutcome write(ByteBuffer from) throws PosixException {
    return socket.send(from);
  }

  OptionalInt takeReceivedFd() {
    Fd fd = received.poll();
    return fd == null ? OptionalInt.empty() : OptionalInt.of(fd.detach());
  }

  @Override
  public void close() {
    closeReceived();
    socket.close();
  }

  private void keep(ImmutableList<Fd> fds) {
    closeReceived();
    received.addAll(fds);
  }

  private void closeReceived() {
    received.forEach(Fd::close);
    received.clear();
  }
}
