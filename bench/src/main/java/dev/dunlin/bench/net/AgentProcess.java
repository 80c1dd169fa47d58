package dev.dunlin.bench.net;

import dev.dunlin.testing.Transcript;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An {@link Agent} in a namespace, seen from outside. */
final class AgentProcess implements AutoCloseable {
  /** The longest command: a flood's tail, or a thousand connections on a slow contender. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final Transcript answers;
  private int read;
  private boolean usable = true;

  private AgentProcess(Process process) {
    this.process = process;
    answers = new Transcript("agent", process.getInputStream());
  }

  static AgentProcess start(Namespace namespace, String role) {
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            Agent.class.getName(),
            role);
    try {
      AgentProcess agent =
          new AgentProcess(
              new ProcessBuilder(namespace.inside(java))
                  .redirectError(ProcessBuilder.Redirect.INHERIT)
                  .start());
      agent.answer();
      return agent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends one command and returns its number. */
  double ask(Object... words) {
    StringBuilder line = new StringBuilder();
    for (Object word : words) {
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    try {
      OutputStream out = process.getOutputStream();
      out.write(line.append('\n').toString().getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return answer();
    } catch (IOException e) {
      usable = false;
      throw new MeasureFailed("the agent has ended", e);
    } catch (AssertionError e) {
      usable = false;
      throw new MeasureFailed(words[0] + " has no end", e);
    }
  }

  boolean isUsable() {
    return usable;
  }

  private double answer() {
    String line = answers.awaitAfter(read, "\n", LIMIT);
    read += line.length() + 1;
    if (!line.startsWith("ok ")) {
      throw new MeasureFailed(line);
    }
    return Double.parseDouble(line.substring(3));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    answers.close();
  }
}
