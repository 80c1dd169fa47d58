package dev.dunlin.core.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to ask for a machine that can't be, said to a real QEMU and to us. */
@NoLeaks
final class MachineRefusalTest {
  @TempDir Path directory;

  @BeforeAll
  static void warmUp() throws Exception {
    Machine.create(CommandLine.config("-M none -m 1"), GuestMemoryFiles.best(), Clock.system())
        .close();
  }

  @BeforeEach
  void makeFiles() throws IOException {
    Files.write(directory.resolve("small"), new byte[100]);
    Files.write(directory.resolve("odd"), new byte[300_000]);
    Files.write(directory.resolve("empty"), new byte[0]);
    Files.write(directory.resolve("big"), new byte[17_000_000]);
  }

  /** {@code @} stands for the test's directory. */
  @RequiresPeer("qemu-system-x86_64")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-M foo",
        "-M pc,foo=bar",
        "-M none,memory-backend=zz",
        "-M none,memory-backend=m -object memory-backend-file,id=m,mem-path=@/small,size=1M",
        "-M none,memory-backend=m -object memory-backend-file,id=m,mem-path=@/no/x,size=1M",
        "-bios nonexistent",
        "-bios @/small",
        "-bios @/odd",
        "-bios @/empty",
        "-bios @/big",
        "-bios @",
        "-bios bios.bin -bios nonexistent",
        "-device loader",
        "-device loader,foo=1",
        "-device loader,file=@/small,data=1",
        "-device loader,file=@/small,data-len=4",
        "-device loader,file=@/small,data-be=on",
        "-device loader,addr=0x1000",
        "-device loader,addr=0x1000,data=5",
        "-device loader,addr=0x1000,data=5,data-len=0",
        "-device loader,addr=0x1000,data=5,data-len=9",
        "-device loader,addr=0x1000,data=5,data-len=300",
        "-device loader,addr=0x1000,data=5,data-len=-1",
        "-device loader,addr=0x1000,data=5,data-len=4,force-raw=on",
        "-device loader,cpu-num=0",
        "-device loader,addr=0x1000,cpu-num=7",
        "-device loader,addr=1,cpu-num=0x1ffffffff",
        "-device loader,file=@/small,addr=abc",
        "-device loader,file=@/small,addr=",
        "-device loader,file=@/small,addr=1k",
        "-device loader,addr=0x1ffffffffffffffff,data=1,data-len=1",
        "-device loader,file=@/small,addr=0x1000,force-raw=xx",
        "-M none -device loader,addr=4096,data=1,data-len=1,cpu-num=0",
        "-device loader,file=@/small,addr=0x1000 -device loader,file=@/small,addr=0x1010",
        "-device VGA,foo=1",
        "-device VGA,vgamem_mb=x",
        "-device VGA,vgamem_mb=-1",
        "-device VGA,global-vmstate=x",
        "-device VGA,addr=99",
        "-device VGA,addr=20",
        "-device VGA,addr=-1",
        "-device VGA,addr=3.9",
        "-device VGA,addr=xyz",
        "-device VGA,addr=0",
        "-device VGA,addr=1",
        "-vga std -device VGA,addr=2",
        "-device VGA,romsize=100",
        "-device VGA,romsize=0",
        "-M none -device VGA",
        "-M isapc -device VGA",
        "-device VGA,global-vmstate=on -device VGA,global-vmstate=on",
      })
  void the_words_are_those_of_a_real_qemu(String line) {
    String[] words = line.replace("@", directory.toString()).split(" ");
    ChildProcess.Result real = RealQemu.run(Duration.ofSeconds(20), words);
    assertEquals(1, real.exitStatus());
    String wanted = real.stderr().strip().replaceFirst("^qemu(-system-x86_64)?: ", "");
    assertEquals(wanted, refusalOf(words));
  }

  /**
   * QEMU's sentence comes first, then the reason, which QEMU prints on a line of its own or not at
   * all.
   */
  @RequiresPeer("qemu-system-x86_64")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-device loader,file=@/nonexistent | No such file or directory",
        "-device loader,file=,addr=1 | No such file or directory",
        "-device loader,file=@,addr=0x1000 | not a regular file",
        "-M none -device loader,file=@/small,addr=0 | its 100 bytes are more than the machine has RAM",
        "-m 16 -device loader,file=@/big,addr=0x100000 | its 17000000 bytes are more than the machine has RAM",
      })
  void a_file_that_cannot_be_loaded_is_refused_with_the_reason(String line, String reason) {
    String[] words = line.replace("@", directory.toString()).split(" ");
    ChildProcess.Result real = RealQemu.run(Duration.ofSeconds(20), words);
    String wanted = real.stderr().lines().reduce("", (before, last) -> last);
    assertEquals(
        wanted.replaceFirst("^qemu-system-x86_64: ", "") + ": " + reason, refusalOf(words));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-option-rom nonexistent | Could not open option rom 'nonexistent': No such file or directory",
        "-option-rom @/empty | Could not load option rom '@/empty': it has no content",
        "-option-rom @ | Could not load option rom '@': it has no content",
        "-option-rom @/odd | Could not load option rom '@/odd': its 300000 bytes don't fit, 128 of 128 KiB are left",
        "-option-rom @/small -option-rom @/odd | Could not load option rom '@/odd': its 300000 bytes don't fit, 126 of 128 KiB are left",
        "-device ram-writer,foo=1 | -device ram-writer,foo=1: Property 'ram-writer.foo' not found",
        "-device ram-writer,start=2M,end=1M | -device ram-writer,start=2M,end=1M: Parameter 'end' (0x100000) must be above 'start' (0x200000)",
        "-device ram-writer,start=1G,end=2G | ram-writer: there is no RAM between 0x40000000 and 0x80000000",
        "-device ram-writer,end=99999999999 | ram-writer: 'end' (0x174876e7ff) is behind the end of RAM"
            + " (0x8000000)",
        "-device ram-writer,start=0xc0000,end=1M | ram-writer: there is no RAM between 0xc0000 and 0x100000",
        "-m 1 -device ram-writer | -device ram-writer: Parameter 'end' (0x100000) must be above 'start' (0x100000)",
        "-m 100T | cannot set up guest memory 'pc.ram': Cannot allocate memory",
        "-M none -m 100T | cannot set up guest memory 'ram': Cannot allocate memory",
      })
  void what_qemu_takes_or_does_not_know_has_words_of_our_own(String line, String message) {
    String place = directory.toString();
    assertEquals(message.replace("@", place), refusalOf(line.replace("@", place).split(" ")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"start", "end", "rate"})
  void a_writers_numbers_are_sizes(String property) {
    String refusal = refusalOf("-device", "ram-writer," + property + "=x");
    assertTrue(refusal.contains("Parameter '" + property + "' expects a non-negative number"));
  }

  private static String refusalOf(String... words) {
    OptionException refusal =
        assertThrows(
            OptionException.class,
            () ->
                Machine.create(
                        CommandLine.config(List.of(words)), GuestMemoryFiles.best(), Clock.system())
                    .close());
    return String.valueOf(refusal.getMessage());
  }
}
