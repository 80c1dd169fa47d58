package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.migration.stream.StreamBuilder;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A stream cut off anywhere earns the very words that a real QEMU has for it. Not inside a block's
 * name in a page record: there QEMU shows bytes of its own stack.
 */
@RequiresPeer("qemu-system-x86_64")
class SameWordsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      ints = {
        1, 4, 7, 9, 11, 13, 14, 16, 17, 19, 21, 24, 25, 29, 33, 34, 37, 40, 48, 50, 56, 57, 61, 62,
        64, 66, 70, 74, 80, 81, 85, 4000, 4185
      })
  void a_truncated_stream(int length) throws Exception {
    Path file = directory.resolve("cut");
    Files.write(file, StreamBuilder.oneMegabyte().truncate(length).build());
    ChildProcess.Result real =
        RealQemu.run(
            LIMIT,
            "-nodefaults",
            "-M",
            "none,memory-backend=pc.ram,suppress-vmdesc=on",
            "-object",
            "memory-backend-ram,id=pc.ram,size=1M",
            "-global",
            "migration.send-configuration=off",
            "-incoming",
            "exec:cat " + file);
    List<String> words =
        real.stderr().lines().map(line -> line.replaceFirst("^qemu-system-x86_64: ", "")).toList();
    try (TestVm vm =
        new TestVm.Builder("none")
            .block("pc.ram", 1 << 20)
            .option("machine", "none,suppress-vmdesc=on")
            .option("global", "migration.send-configuration=off")
            .option("incoming", "file:" + file)
            .start()) {
      assertEquals(real.exitStatus(), vm.exit.get());
      assertEquals(words, vm.complaints);
    }
  }
}
