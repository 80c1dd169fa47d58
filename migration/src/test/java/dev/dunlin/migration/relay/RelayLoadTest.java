package dev.dunlin.migration.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.posix.GuestMemoryFiles;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamBytes;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.testing.NoLeaks;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a relay takes in, whatever the guest's blocks are called and however long they are. */
@NoLeaks
class RelayLoadTest {
  private static final long LIMIT = 64L << 30;

  private static RelayLoad load(GuestRam machine, StreamBytes stream) throws LoadException {
    RelayLoad load = new RelayLoad(machine, Optional.empty(), GuestMemoryFiles.best(), line -> {});
    try {
      load.read(StreamInput.of(ByteBuffer.wrap(stream.build())));
      return load;
    } catch (LoadException e) {
      load.close();
      throw e;
    }
  }

  private static StreamBytes guest(String machine, Object... blocks) {
    return StreamBytes.header().configuration(machine).ramStart(blocks).ramEnd().eof();
  }

  /** It ends at 4 GiB; one that is larger began below 0, and the guest was lost with its memory. */
  @ParameterizedTest
  @ValueSource(strings = {"pc-i440fx-7.2", "pc-q35-7.2", "isapc", "pc-0.12", "none", "relay", "x"})
  void any_bios_has_a_place_or_none(String machine) throws Exception {
    for (long bios : new long[] {4096, 1L << 32, (1L << 32) + 4096, 5L << 30}) {
      try (GuestRam ram = GuestRam.awaited(LIMIT);
          RelayLoad load = load(ram, guest(machine, "pc.ram", 6L << 30, "pc.bios", bios))) {
        assertEquals(machine, load.apply().machineType());
        assertEquals(2, ram.blocks().size());
      }
    }
  }

  /** Two names that aren't text look alike, and neither can be sent on as it came. */
  @Test
  void a_block_whose_name_is_not_text_is_refused() {
    StreamBytes stream = StreamBytes.header().configuration("none").byte1(1).be32(2);
    stream.counted("ram").be32(0).be32(4).be64(4096 | 4).byte1(1).byte1(0xff).be64(4096);
    try (GuestRam ram = GuestRam.awaited(LIMIT)) {
      LoadException refused = assertThrows(LoadException.class, () -> load(ram, stream));
      assertEquals(
          List.of(
              "No block can be called '\ufffd' with 0x1000 bytes",
              "error while loading state for instance 0x0 of device 'ram'"),
          refused.lines());
      assertTrue(ram.isAwaited());
    }
  }

  @Test
  void a_guest_that_is_too_large_takes_no_memory() {
    try (GuestRam ram = GuestRam.awaited(1 << 20)) {
      LoadException refused =
          assertThrows(
              LoadException.class, () -> load(ram, guest("none", "a", 4096L, "b", 1L << 20)));
      assertEquals(
          "The guest has more than the 1 MiB of memory that this relay takes: -m sets that",
          refused.lines().get(0));
      assertTrue(ram.isAwaited());
    }
  }
}
