package dev.dunlin.migration.multifd;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.util.Native;
import com.github.luben.zstd.util.ZstdVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;

/**
 * Whether zstd is there: zstd-jni (BSD-2-Clause), whose jar has a native part for the usual
 * platforms. Looked for when it is first asked for.
 */
final class ZstdLibrary {
  private static final Optional<String> WHY_NOT = load();

  private ZstdLibrary() {}

  static Optional<String> whyNot() {
    return WHY_NOT;
  }

  private static Optional<String> load() {
    try {
      if (!Native.isLoaded()) {
        loadWithoutTrace();
      }
      LogManager.getLogger(ZstdLibrary.class)
          .debug("zstd has levels up to {}", Zstd.maxCompressionLevel());
      return Optional.empty();
    } catch (LinkageError | IOException e) {
      return Optional.of("zstd's native library can't be loaded here: " + e.getMessage());
    }
  }

  /**
   * The library's own way keeps its copy in the temp directory until the JVM ends in peace, and for
   * ever otherwise. Where the jar is laid out otherwise, that way is left to it.
   */
  private static void loadWithoutTrace() throws IOException {
    String name =
        "/linux/%s/libzstd-jni-%s.so".formatted(System.getProperty("os.arch"), ZstdVersion.VERSION);
    try (InputStream library = Native.class.getResourceAsStream(name)) {
      if (library == null) {
        return;
      }
      Path copy = Files.createTempFile("libzstd-jni", ".so");
      try {
        Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
        System.load(copy.toString());
      } finally {
        Files.delete(copy);
      }
    }
    Native.assumeLoaded();
  }
}
