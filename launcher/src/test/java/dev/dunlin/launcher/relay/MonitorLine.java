package dev.dunlin.launcher.relay;

import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SocketName;
import dev.dunlin.core.posix.StreamSocket;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.HmpClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A human monitor, QEMU's or Dunlin's, that is handed descriptors too: one goes along with the line
 * {@code getfd} (SCM_RIGHTS, unix(7)). One thread.
 */
final class MonitorLine implements AutoCloseable {
  private static final Pattern TERMINAL_SEQUENCE = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

  private final StreamSocket socket;
  private final ByteBuffer piece = ByteBuffer.allocate(4096);

  private MonitorLine(StreamSocket socket) {
    this.socket = socket;
  }

  /** Returns when the first prompt is there. */
  static MonitorLine connect(Path path) throws IOException {
    StreamSocket socket = Await.value("a monitor at " + path, () -> tryConnect(path));
    MonitorLine line = new MonitorLine(socket);
    line.awaitPrompt();
    return line;
  }

  private static Optional<StreamSocket> tryConnect(Path path) throws PosixException {
    StreamSocket socket = StreamSocket.open(SocketName.AF_UNIX);
    try {
      socket.connect(new SocketName.Unix(path.toString()));
      return Optional.of(socket);
    } catch (PosixException notYet) {
      socket.close();
      return Optional.empty();
    }
  }

  /** Runs one command; returns its output without the echo, lines ended by {@code \n}. */
  String command(String line) throws IOException {
    return command(line, List.of());
  }

  /** Gives it a copy of a descriptor by this name. */
  void give(String name, Fd fd) throws IOException {
    String answer = command("getfd " + name, List.of(fd.number()));
    if (!answer.isEmpty()) {
      throw new AssertionError(answer);
    }
  }

  private String command(String line, List<Integer> fds) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    socket.send(bytes, fds);
    if (bytes.hasRemaining()) {
      throw new IOException("the monitor takes no more");
    }
    String said = TERMINAL_SEQUENCE.matcher(awaitPrompt()).replaceAll("").replace("\r", "");
    return said.substring(said.indexOf('\n') + 1);
  }

  private String awaitPrompt() throws IOException {
    StringBuilder said = new StringBuilder();
    while (said.indexOf(HmpClient.PROMPT) < 0) {
      boolean readable = socket.fd().await(FdEvents.READ, Await.GENEROUS.toNanos());
      IoOutcome outcome = socket.receive(piece.clear(), fds -> fds.forEach(Fd::close));
      if (!readable || outcome == IoOutcome.END_OF_STREAM) {
        throw new AssertionError("The monitor said only: " + said);
      }
      said.append(StandardCharsets.ISO_8859_1.decode(piece.flip()));
    }
    return said.substring(0, said.indexOf(HmpClient.PROMPT));
  }

  @Override
  public void close() {
    socket.close();
  }
}
