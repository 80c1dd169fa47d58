package dev.dunlin.bench;

import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.HmpClient;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code bench/prompt}: how long a user waits for the monitor. */
public final class PromptBench {
  private PromptBench() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
    List<String> command = new ArrayList<>(DunlinProcess.command());
    command.addAll(
        arguments.length > 1
            ? Arrays.asList(arguments).subList(1, arguments.length)
            : List.of("-m", "500", "-net", "nic", "-net", "user", "-monitor", "stdio"));
    millisToPrompt(command);
    Spread spread = new Spread();
    for (int run = 0; run < runs; run++) {
      spread.add(millisToPrompt(command));
    }
    System.out.printf(
        "prompt after %.0f ms (median of %d; %.0f - %.0f)%n",
        spread.median(), runs, spread.min(), spread.max());
  }

  private static double millisToPrompt(List<String> command)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      awaitPrompt(process.getInputStream());
      return (System.nanoTime() - start) / 1e6;
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static void awaitPrompt(InputStream in) throws IOException {
    StringBuilder said = new StringBuilder();
    while (said.indexOf(HmpClient.PROMPT) < 0) {
      int c = in.read();
      if (c < 0) {
        throw new IllegalStateException("ended before its prompt; it said: " + said);
      }
      said.append((char) c);
    }
  }
}
