package dev.dunlin.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/** Types at a human monitor, QEMU's or Dunlin's, and waits for its prompt. One thread at a time. */
public final class HmpClient implements AutoCloseable {
  /** Letter for letter what scripts wait for. */
  public static final String PROMPT = "(qemu) ";

  private static final Pattern TERMINAL_SEQUENCE = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

  private final Transcript transcript;
  private final OutputStream out;
  private final AutoCloseable connection;
  private int at;

  private HmpClient(Transcript transcript, OutputStream out, AutoCloseable connection) {
    this.transcript = transcript;
    this.out = out;
    this.connection = connection;
  }

  /** A monitor on a unix socket; returns when its first prompt is there. */
  public static HmpClient connect(Path socket) {
    UnixConnection connection = UnixConnection.connect(socket);
    return over(
        new Transcript("monitor " + socket.getFileName(), connection.input()),
        connection.output(),
        connection);
  }

  /** A monitor on a pair of streams; returns when its first prompt is there. */
  static HmpClient over(Transcript transcript, OutputStream out, AutoCloseable connection) {
    HmpClient client = new HmpClient(transcript, out, connection);
    client.awaitPrompt(Await.GENEROUS);
    return client;
  }

  /** Runs one command; returns its output without the echo, lines ended by {@code \n}. */
  public String command(String line) {
    return command(line, Await.GENEROUS);
  }

  public String command(String line, Duration limit) {
    send(line + "\n");
    return plain(awaitPrompt(limit));
  }

  /** Sends characters as they are and waits for nothing. */
  public void send(String characters) {
    try {
      out.write(characters.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that the monitor ever sent. */
  public Transcript transcript() {
    return transcript;
  }

  private String awaitPrompt(Duration limit) {
    String said = transcript.awaitAfter(at, PROMPT, limit);
    at += said.length() + PROMPT.length();
    return said;
  }

  /** What came before the prompt, less the echoed command line. */
  private static String plain(String said) {
    String text = TERMINAL_SEQUENCE.matcher(said).replaceAll("").replace("\r", "");
    int echoEnd = text.indexOf('\n');
    return echoEnd < 0 ? "" : text.substring(echoEnd + 1);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    transcript.close();
  }
}
