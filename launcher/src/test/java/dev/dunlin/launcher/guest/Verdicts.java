package dev.dunlin.launcher.guest;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.OwnNetwork;
import dev.dunlin.testing.TempDirs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a {@link GuestTrial} found, run to its end in a host network of its own. */
final class Verdicts {
  private static final Duration LIMIT = Duration.ofMinutes(6);

  private final Map<String, String> lines;
  private final String words;

  private Verdicts(Map<String, String> lines, String words) {
    this.lines = lines;
    this.words = words;
  }

  static Verdicts of(String... arguments) {
    Path directory = TempDirs.create("net");
    List<String> command = new ArrayList<>(DunlinProcess.javaCommand(GuestTrial.class.getName()));
    command.addAll(List.of(arguments));
    try (ChildProcess trial =
        ChildProcess.start(
            "trial",
            OwnNetwork.in(directory, command),
            Optional.of(DunlinProcess.root().toAbsolutePath()),
            Map.of("DUNLIN_BUILD", "never"))) {
      trial.closeStdin();
      ChildProcess.Result result = trial.awaitResult(LIMIT);
      Map<String, String> lines =
          result
              .stdout()
              .lines()
              .collect(Collectors.toMap(line -> line.split(" ", 2)[0], line -> line));
      return new Verdicts(lines, result.stdout() + result.stderr());
    } finally {
      TempDirs.delete(directory);
    }
  }

  /** Fails as the check failed, or because it never came to be made. */
  void assertPassed(GuestChecks.Check check) {
    problem(check)
        .ifPresent(
            problem -> {
              throw new AssertionError(check.sentence() + ": " + problem);
            });
  }

  /** The sentences of the checks that failed. */
  Set<String> failed(List<GuestChecks.Check> checks) {
    return checks.stream()
        .filter(check -> problem(check).isPresent())
        .map(GuestChecks.Check::sentence)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Optional<String> problem(GuestChecks.Check check) {
    String line = lines.get(check.sentence());
    if (line == null) {
      return Optional.of("The trial ended before this check. It said:\n" + words);
    }
    String[] fields = line.split(" ", 3);
    return fields.length < 3
        ? Optional.empty()
        : Optional.of(new String(Base64.getDecoder().decode(fields[2]), StandardCharsets.UTF_8));
  }

  /** A table for people: check, milliseconds, the first line of what went wrong. */
  String table(List<GuestChecks.Check> checks) {
    return checks.stream()
        .map(
            check ->
                "%-60s %6s ms  %s"
                    .formatted(
                        check.sentence(),
                        lines.getOrDefault(check.sentence(), "- -").split(" ", 3)[1],
                        problem(check)
                            .map(text -> text.lines().findFirst().orElse(""))
                            .orElse("passed")))
        .collect(Collectors.joining("\n"));
  }
}
