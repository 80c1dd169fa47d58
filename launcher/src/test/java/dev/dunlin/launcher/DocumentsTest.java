package dev.dunlin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.DunlinProcess;
import dev.dunlin.testing.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents and scripts say about the source tree is true. */
final class DocumentsTest {
  private static final Path ROOT = DunlinProcess.root();
  private static final Pattern JAVA_FILE = Pattern.compile("[\\w/.-]*\\b([A-Z]\\w+)\\.java");
  private static final Pattern CODE = Pattern.compile("`([\\w./-]+)`");

  @ParameterizedTest
  @ValueSource(
      strings = {"ARCHITECTURE.md", "README.md", "CONTRIBUTING.md", "MANUAL.md", "bench/README.md"})
  void every_java_file_that_a_document_names_exists(String document) throws IOException {
    Set<String> sources = sources();
    Set<String> missing =
        named(document, JAVA_FILE)
            .map(MatchResult::group)
            .filter(name -> sources.stream().noneMatch(source -> source.endsWith("/" + name)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Set.of(), missing);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ARCHITECTURE.md", "README.md", "CONTRIBUTING.md", "MANUAL.md", "bench/README.md"})
  void every_path_that_a_document_names_exists(String document) throws IOException {
    Set<String> missing =
        named(document, CODE)
            .map(match -> match.group(1))
            .filter(DocumentsTest::isPathOfOurs)
            .filter(name -> !Files.exists(ROOT.resolve(name)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Set.of(), missing);
  }

  @Test
  void the_architecture_names_files_of_every_module() throws IOException {
    String text = Files.readString(ROOT.resolve("ARCHITECTURE.md"));
    for (String module : List.of("ram-model", "emulator-core", "net-slirp", "migration")) {
      assertTrue(text.contains(module), module);
    }
    assertTrue(named("ARCHITECTURE.md", JAVA_FILE).count() > 20, "it names files");
  }

  @Test
  void the_test_script_installs_every_peer_that_tests_ask_for() throws IOException {
    String script = Files.readString(ROOT.resolve("test"));
    Peer.packages()
        .forEach(
            (program, debianPackage) ->
                assertTrue(
                    script.contains("\n" + program + " " + debianPackage + "\n"),
                    program + " " + debianPackage + " is missing in ./test"));
  }

  /** A file of a module or a script, and not an option, a package or a path on the host. */
  private static boolean isPathOfOurs(String name) {
    return name.contains("/")
        && !name.startsWith("/")
        && Stream.of("ram-model/", "emulator-core/", "net-slirp/", "migration/", "launcher/")
                .anyMatch(name::startsWith)
            | Stream.of("examples/", "bench/", "test-support/", "scripts/", ".ci/")
                .anyMatch(name::startsWith);
  }

  private static Stream<MatchResult> named(String document, Pattern pattern) throws IOException {
    return pattern.matcher(Files.readString(ROOT.resolve(document))).results();
  }

  private static Set<String> sources() throws IOException {
    try (Stream<Path> walk = Files.walk(ROOT)) {
      return walk.map(Path::toString)
          .filter(name -> name.endsWith(".java") && !name.contains("/target/"))
          .collect(Collectors.toSet());
    }
  }
}
