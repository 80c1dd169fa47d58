package dev.dunlin.launcher.relay;

import dev.dunlin.core.posix.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How a stream gets from one program to another, which waits after {@code -incoming defer}. */
enum Transport {
  EXEC,
  FILE,
  FD,
  TCP,
  UNIX;

  /** Moves the guest; both sides must call it completed. {@code file}: a name that's free. */
  void carry(Stop from, Stop to, Path file) throws IOException {
    begin(from, to, file);
    from.awaitCompleted();
    to.awaitCompleted();
    Files.deleteIfExists(file);
  }

  /** Sets both sides to it. By way of a file the second one begins when the first one is done. */
  void begin(Stop from, Stop to, Path file) throws IOException {
    switch (this) {
      case EXEC -> byFile(from, "exec:cat >", to, "exec:cat ", file);
      case FILE ->
          byFile(
              from,
              from.knowsFiles() ? "file:" : "exec:cat >",
              to,
              to.knowsFiles() ? "file:" : "exec:cat ",
              file);
      case FD -> {
        try (Pipe pipe = Pipe.open()) {
          to.monitor().give("link", pipe.readEnd());
          from.monitor().give("link", pipe.writeEnd());
        }
        to.does("migrate_incoming fd:link");
        from.does("migrate -d fd:link");
      }
      case TCP -> {
        to.does("migrate_incoming tcp:127.0.0.1:0");
        from.does("migrate -d " + listening(to));
      }
      case UNIX -> {
        to.does("migrate_incoming unix:" + file);
        from.does("migrate -d unix:" + file);
      }
    }
  }

  private static void byFile(Stop from, String out, Stop to, String in, Path file)
      throws IOException {
    from.does("migrate -d \"%s%s\"".formatted(out, file));
    from.awaitCompleted();
    to.does("migrate_incoming \"%s%s\"".formatted(in, file));
  }

  private static String listening(Stop to) throws IOException {
    return to.monitor()
        .command("info migrate")
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("tcp:"))
        .findFirst()
        .orElseThrow();
  }
}
