package dev.dunlin.testing;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * The kernel and initramfs that {@code scripts/guest-image} makes of Debian's packages: {@link
 * GuestVm} boots them.
 */
public final class GuestImage {
  /** Eighty megabytes are downloaded the first time. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private GuestImage() {}

  /**
   * Makes the image, or finds it made. Where it can't be made the test is skipped with the script's
   * own words; where peers are required, as {@code ./test} says, it fails.
   */
  public static void require() {
    List<String> command = List.of(DunlinProcess.root().resolve("scripts/guest-image").toString());
    try (ChildProcess script = ChildProcess.start("guest-image", command)) {
      ChildProcess.Result result = script.awaitResult(LIMIT);
      if (result.exitStatus() != 0) {
        refuse(result.stderr());
      }
    }
  }

  /** Fails where peers are required, else skips. */
  static void refuse(String why) {
    if (RequiresPeerExtension.required()) {
      throw new AssertionError(why);
    }
    Assumptions.abort(why);
  }

  public static Path kernel() {
    return file("vmlinuz");
  }

  public static Path initramfs() {
    return file("initramfs");
  }

  private static Path file(String name) {
    return DunlinProcess.root().resolve(".dunlin-build/guest").resolve(name);
  }
}
