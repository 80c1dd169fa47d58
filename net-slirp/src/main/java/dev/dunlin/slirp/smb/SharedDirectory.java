package dev.dunlin.slirp.smb;

import dev.dunlin.core.cli.OptionException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Checks, as QEMU does before it starts (slirp_smb in net/slirp.c), what a share needs. */
final class SharedDirectory {
  private static final String GONE = "No such file or directory";

  private SharedDirectory() {}

  /** The absolute path of the directory, if it can be shared. */
  static Path check(String text) throws OptionException {
    Path path;
    try {
      path = Path.of(text);
    } catch (InvalidPathException e) {
      throw new OptionException(sentence(text, "not a name in this locale's character set"));
    }
    Optional<String> trouble = text.isEmpty() ? Optional.of(sentence("", GONE)) : trouble(path);
    if (trouble.isPresent()) {
      throw new OptionException(trouble.get());
    }
    return path.toAbsolutePath();
  }

  /** Why it can't be shared now; empty when it can. */
  static Optional<String> trouble(Path path) {
    String reason = "";
    if (!Files.exists(path)) {
      reason = GONE;
    } else if (!Files.isReadable(path) || !Files.isExecutable(path)) {
      reason = "Permission denied";
    } else if (!Files.isDirectory(path)) {
      reason = "Not a directory";
    }
    return reason.isEmpty() ? Optional.empty() : Optional.of(sentence(path.toString(), reason));
  }

  private static String sentence(String text, String reason) {
    return "Error accessing shared directory '" + text + "': " + reason;
  }
}
