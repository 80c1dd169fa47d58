package dev.dunlin.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Sha256;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine's memory before its first instruction, byte for byte as a real QEMU's. */
@RequiresPeer("qemu-system-x86_64")
final class MachineContentPeerTest {
  private static final int FIRST = 4 << 20;
  private static final int LAST = 1 << 20;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-M pc -vga none",
        "-M pc -vga none -bios bios.bin",
        "-M pc -vga none -device loader,file=@/random,addr=0x1ffffd",
        "-M pc -vga none -device loader,file=@/random,addr=0x9ff00,force-raw=on",
        "-M pc -vga none -device loader,addr=0x1000,data=0x0102030405060708,data-len=5",
        "-M pc -vga none -device loader,addr=0x1001,data=0x0102030405060708,data-len=5,data-be=on",
        "-M pc -vga none -device loader,file=@/hex,addr=0x5000",
        "-M pc -vga none -device loader,file=@/nearlyhex,addr=0x5000",
        "-M none -m 3 -device loader,file=@/random,addr=0x2fff00",
        "-M pc-i440fx-1.7 -vga none",
        "-M isapc -vga none",
        "-M q35 -vga none",
      })
  void memory_is_the_same_as_a_real_qemus(String line) throws Exception {
    byte[] random = new byte[123_457];
    new Random(1).nextBytes(random);
    Files.write(directory.resolve("random"), random);
    String hex = ":10010000214601360121470136007EFE09D2190140\n";
    Files.writeString(directory.resolve("hex"), hex + ":00000001FF\n");
    Files.writeString(directory.resolve("nearlyhex"), hex + ":00000001FE\n");
    String[] words = ("-S " + line.replace("@", directory.toString())).split(" ");
    try (RealQemu qemu = RealQemu.start(words);
        Machine machine =
            Machine.create(
                CommandLine.config(java.util.List.of(words)),
                GuestMemoryFiles.best(),
                Clock.system())) {
      machine.reset();
      assertEquals(qemu.sha256(0, FIRST), sha256(machine, 0, FIRST), "the first 4 MiB");
      long end = (1L << 32) - LAST;
      assertEquals(qemu.sha256(end, LAST), sha256(machine, end, LAST), "the last MiB");
    }
  }

  private String sha256(Machine machine, long address, int length) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    machine.ram().memory().read(address, bytes);
    return Sha256.of(Files.write(directory.resolve("ours"), bytes.array()));
  }
}
