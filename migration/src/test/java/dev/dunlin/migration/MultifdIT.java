package dev.dunlin.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import dev.dunlin.migration.multifd.Compression;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.DirtyGuest;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** multifd with a real QEMU at the other end. */
@RequiresPeer("qemu-system-x86_64")
class MultifdIT {
  private static final int MIB = 1 << 20;
  private static final int PAGES = 8192;

  @TempDir Path directory;

  /** Half of the memory is written all the while, the rest is zero but for some random bytes. */
  @ParameterizedTest
  @CsvSource({
    "unix, 2, none",
    "tcp, 5, none",
    "unix, 1, zlib",
    "tcp, 3, zstd",
  })
  void a_real_qemu_receives_what_a_guest_has_when_it_stands_still(
      String transport, int channels, String compression) throws Exception {
    try (RealQemu real = RealQemu.start("-M", "none", "-m", "32M", "-S", "-incoming", "defer");
        TestVm source =
            MultifdMigrationTest.multifd(
                TestVm.none(PAGES).start().scribble(1), channels, compression);
        WriterCpu cpu = new WriterCpu(source.ram().blocks().get(0), PAGES / 2)) {
      String uri = listen(real, transport, channels, compression);
      source.onLoop(
          () -> {
            source.run().addCpu(cpu);
            return source.run().start();
          });
      Await.until("the guest to write", () -> cpu.writes() > PAGES);
      source.hmp("migrate_set_parameter downtime-limit 20000");
      source.hmp("migrate_set_parameter max-bandwidth 0");
      assertEquals("", source.hmp("migrate " + uri));
      assertEquals("completed", source.statusLine());
      assertEquals("completed", real.awaitMigration());
      assertTrue(Integer.parseInt(source.figure("dirty sync count")) >= 2);
      assertEquals(source.sha256("ram", 0, 32L * MIB), real.sha256(0, 32L * MIB));
      source.onLoop(
          () -> {
            source.run().removeCpu(cpu);
            return true;
          });
    }
  }

  /** A guest that writes half of its memory all the while, some random bytes, the rest zero. */
  @ParameterizedTest
  @CsvSource({
    "unix, 2, none",
    "tcp, 5, none",
    "tcp, 3, zlib",
    "unix, 2, zstd",
  })
  void what_a_real_qemu_sends_arrives(String transport, int channels, String compression)
      throws Exception {
    Path guest = DirtyGuest.write(directory, MIB, 33L * MIB, 30L * MIB);
    byte[] bytes = new byte[8 * MIB];
    new Random(1).nextBytes(bytes);
    Path random = Files.write(directory.resolve("random"), bytes);
    try (RealQemu real =
            RealQemu.start(
                "-nodefaults",
                "-M",
                "pc",
                "-m",
                "64M",
                "-kernel",
                guest.toString(),
                "-device",
                "loader,force-raw=on,addr=0x2800000,file=" + random);
        RamOfStream received =
            new RamOfStream(
                blocks(real),
                transport.equals("unix") ? "unix:" + directory.resolve("in") : "tcp:127.0.0.1:0",
                RamOfStream.settings(channels, Compression.named(compression)))) {
      Await.until("the guest to write all of it", () -> written(real) > 8192);
      setUp(real, channels, compression);
      real.qmp().execute("migrate", Map.of("uri", received.uri()));
      assertEquals(
          "completed",
          real.awaitMigration(),
          () -> real.qmp().query("query-migrate") + " " + received.failure());
      assertTrue(received.awaitEnd() > 2);
      assertEquals(real.sha256(MIB, 63L * MIB), received.sha256("pc.ram", MIB, 63L * MIB));
      assertEquals(real.sha256(0, 640L << 10), received.sha256("pc.ram", 0, 640L << 10));
    }
  }

  private static long written(RealQemu real) {
    String line = real.qmp().human("xp /1wx 0x%x".formatted(DirtyGuest.WRITTEN)).strip();
    return Long.parseLong(line.substring(line.indexOf(" 0x") + 3), 16);
  }

  /** Names and lengths of a machine's RAM blocks. */
  private static Map<String, Long> blocks(RealQemu real) {
    Map<String, Long> blocks = new LinkedHashMap<>();
    for (String line : real.qmp().human("info ramblock").lines().skip(1).toList()) {
      List<String> words = Splitter.on(' ').omitEmptyStrings().splitToList(line.strip());
      String used =
          words.stream().filter(word -> word.startsWith("0x")).skip(1).findFirst().orElseThrow();
      blocks.put(words.get(0), Long.decode(used));
    }
    return blocks;
  }

  private String listen(RealQemu real, String transport, int channels, String compression) {
    setUp(real, channels, compression);
    String uri = transport.equals("unix") ? "unix:" + directory.resolve("in") : "tcp:127.0.0.1:0";
    real.qmp().execute("migrate-incoming", Map.of("uri", uri));
    if (transport.equals("unix")) {
      return uri;
    }
    if (real.qmp().query("query-migrate").get("socket-address") instanceof List<?> addresses
        && addresses.get(0) instanceof Map<?, ?> address) {
      return "tcp:127.0.0.1:" + address.get("port");
    }
    throw new AssertionError("QEMU doesn't listen");
  }

  private static void setUp(RealQemu real, int channels, String compression) {
    real.qmp()
        .execute(
            "migrate-set-capabilities",
            Map.of("capabilities", List.of(Map.of("capability", "multifd", "state", true))));
    real.qmp()
        .execute(
            "migrate-set-parameters",
            Map.of("multifd-channels", channels, "multifd-compression", compression));
  }
}
