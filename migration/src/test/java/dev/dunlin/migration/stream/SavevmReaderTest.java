package dev.dunlin.migration.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.ram.RamLoader;
import dev.dunlin.migration.ram.StagedTarget;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.HeapRam;
import dev.dunlin.ram.NioRamFiles;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.StagedRam;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every bad stream earns the words that QEMU 7.2 has for it, and leaves the machine as it was. */
class SavevmReaderTest {
  private static final StreamDialect BARE =
      StreamDialect.MODERN.withConfiguration(false).withVmDescription(false);
  private static final StreamDialect WITH_CONFIGURATION = StreamDialect.MODERN;
  private static final byte OLD = 0x5a;

  private final GuestRam guest = machine("pc.ram", 1 << 20);
  private final List<String> said = new ArrayList<>();

  static Stream<Arguments> good() {
    return Stream.of(
        arguments("half", StreamBuilder.oneMegabyte()),
        arguments("fill byte in zero records", StreamBuilder.oneMegabyte().fill(0xa5)),
        arguments("block section first", StreamBuilder.oneMegabyte().withBlockSection()),
        arguments("two passes", StreamBuilder.oneMegabyte().passes(2)),
        arguments("name on every page", StreamBuilder.oneMegabyte().withoutContinue()),
        arguments("garbage after the end", StreamBuilder.oneMegabyte().garbage(64)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void good(String name, StreamBuilder stream) throws IOException {
    assertEquals(List.of(), load(stream.build(), BARE));
    assertArrayEquals(stream.expected("pc.ram"), bytes(guest, "pc.ram"));
  }

  @Test
  void an_absent_description_is_only_worth_a_word() throws IOException {
    StreamBuilder stream = StreamBuilder.oneMegabyte();
    assertEquals(
        List.of("Expected vmdescription section, but got 0"),
        load(stream.build(), BARE.withVmDescription(true)));
    assertArrayEquals(stream.expected("pc.ram"), bytes(guest, "pc.ram"));
  }

  @Test
  void garbage_in_place_of_a_description_is_only_worth_a_word() throws IOException {
    assertEquals(
        List.of("Expected vmdescription section, but got 71"),
        load(StreamBuilder.oneMegabyte().garbage(64).build(), BARE.withVmDescription(true)));
  }

  @Test
  void a_description_may_claim_any_length() throws IOException {
    byte[] huge = {6, -1, -1, -1, -1, '{', '}'};
    assertEquals(
        List.of(),
        load(StreamBuilder.oneMegabyte().tail(huge).build(), BARE.withVmDescription(true)));
  }

  @Test
  void a_configuration_that_names_this_machine_is_accepted() throws IOException {
    assertEquals(
        List.of("Expected vmdescription section, but got 0"),
        load(StreamBuilder.oneMegabyte().machine("none").build(), WITH_CONFIGURATION));
  }

  @Test
  void blocks_that_the_stream_does_not_list_keep_what_they_have() throws IOException {
    GuestRam two = machine("pc.ram", 1 << 20, "pc.bios", 1 << 17);
    assertEquals(List.of(), load(two, StreamBuilder.oneMegabyte().build(), BARE));
    byte[] untouched = new byte[1 << 17];
    Arrays.fill(untouched, OLD);
    assertArrayEquals(untouched, bytes(two, "pc.bios"));
  }

  static Stream<Arguments> bad() {
    String instance = "error while loading state for instance 0x0 of device 'ram'";
    String section = "error while loading state section id 2(ram)";
    String invalid = "load of migration failed: Invalid argument";
    String io = "load of migration failed: Input/output error";
    String unsupported = "load of migration failed: Operation not supported";
    return Stream.of(
        bad("inside the magic", one().truncate(3), "Not a migration stream", invalid),
        bad("after the version", one().truncate(8), io),
        bad(
            "inside a section header",
            one().truncate(12),
            "Unable to read ID string for section 0",
            invalid),
        bad(
            "inside the block list",
            one().truncate(45),
            "Size mismatch: pc.ram: 0x0 != 0x100000: Invalid argument",
            instance,
            invalid),
        bad(
            "inside the EOS word",
            one().truncate(54),
            "Unknown combination of migration flags: 0x0",
            instance,
            invalid),
        bad(
            "inside the footer",
            one().truncate(58),
            "Mismatched section id in footer for ram - read 0x0 expected 0x2",
            invalid),
        bad("between sections", one().truncate(61), io),
        bad("in page data", one().truncate(250_000), section, io),
        bad("without EOF", one().withoutEof(), io),
        bad("wrong magic", one().magic(0x51455658), "Not a migration stream", invalid),
        bad(
            "version 2",
            one().version(2),
            "SaveVM v2 format is obsolete and don't work anymore",
            unsupported),
        bad("version 4", one().version(4), "Unsupported migration stream version", unsupported),
        bad(
            "unknown block",
            new StreamBuilder().block("nosuch", 1 << 20),
            "Unknown ramblock \"nosuch\", cannot accept migration",
            instance,
            invalid),
        bad(
            "smaller block",
            new StreamBuilder().block("pc.ram", 1 << 19),
            "Size mismatch: pc.ram: 0x80000 != 0x100000: Invalid argument",
            instance,
            invalid),
        bad(
            "larger block",
            new StreamBuilder().block("pc.ram", 1 << 21),
            "Size mismatch: pc.ram: 0x200000 != 0x100000: Invalid argument",
            instance,
            invalid),
        bad(
            "page for no block",
            one().pageBlock("ghost"),
            "Can't find block ghost",
            "Illegal RAM offset 0",
            section,
            invalid),
        bad(
            "page past its block",
            one().pageOutside(),
            "Illegal RAM offset 100000",
            section,
            invalid),
        bad(
            "flags 0x200",
            one().badFlags(0x200),
            "Unknown combination of migration flags: 0x200",
            section,
            invalid),
        bad(
            "flags 0x03",
            one().badFlags(3),
            "Can't find block ",
            "Illegal RAM offset 0",
            section,
            invalid),
        bad("hook flag", one().badFlags(0x80), section, invalid),
        bad(
            "compressed page",
            one().badFlags(0x100),
            "Received an unexpected compressed page",
            section,
            invalid),
        bad(
            "ram version 5",
            one().ramVersion(5),
            "savevm: unsupported version 5 for 'ram' v4",
            invalid),
        bad("ram version 3", one().ramVersion(3), instance, invalid),
        bad(
            "unknown device",
            one().extraSection("nosuchdev"),
            "Unknown savevm section or instance 'nosuchdev' 0. Make sure that your current VM setup"
                + " matches your saved VM setup, including any hotplugged devices",
            invalid),
        bad("unknown type", one().badType(0x33), "Unknown savevm section type 51", invalid),
        bad(
            "wrong footer",
            one().badFooter(),
            "Mismatched section id in footer for ram - read 0x57 expected 0x2",
            invalid),
        bad("no footers", one().withoutFooters(), "Missing section footer for ram", invalid),
        bad(
            "configuration not expected",
            one().machine("none"),
            "Unknown savevm section type 7",
            invalid),
        arguments(
            "footers not expected",
            one(),
            BARE.withFooters(false),
            List.of("Unknown savevm section type 126", invalid)),
        arguments(
            "configuration missing",
            one(),
            WITH_CONFIGURATION,
            List.of("Configuration section missing", invalid)),
        arguments(
            "configuration of another machine",
            one().machine("pc-i440fx-2.3"),
            WITH_CONFIGURATION,
            List.of("Machine type received is 'pc-i440fx-2.3' and local is 'none'", invalid)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void bad(String name, StreamBuilder stream, StreamDialect dialect, List<String> words)
      throws IOException {
    assertEquals(words, load(stream.build(), dialect));
    assertUnchanged();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void any_mutation_ends_with_a_verdict_and_a_refusal_changes_nothing(int seed) throws IOException {
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      byte[] stream = mutated(StreamBuilder.oneMegabyte().withBlockSection().build(), random);
      GuestRam machine = machine("pc.ram", 1 << 20);
      List<String> verdict = load(machine, stream, BARE);
      if (!verdict.isEmpty()) {
        String what = "seed " + seed + " round " + round + ": " + verdict;
        assertTrue(verdict.get(verdict.size() - 1).startsWith("load of migration failed: "), what);
        assertArrayEquals(old(1 << 20), bytes(machine, "pc.ram"), what);
      }
    }
  }

  private static byte[] mutated(byte[] stream, Random random) {
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      // Most of the stream is page data; what matters is near its start.
      int at = random.nextInt(random.nextBoolean() ? 128 : stream.length);
      stream[at] = (byte) random.nextInt(256);
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(stream, random.nextInt(stream.length)) : stream;
  }

  private static Arguments bad(String name, StreamBuilder stream, String... words) {
    return arguments(name, stream, BARE, List.of(words));
  }

  private static StreamBuilder one() {
    return StreamBuilder.oneMegabyte();
  }

  private List<String> load(byte[] stream, StreamDialect dialect) throws IOException {
    return load(guest, stream, dialect);
  }

  /** What was said, to the last line; nothing for a stream that loaded without a word. */
  private List<String> load(GuestRam machine, byte[] stream, StreamDialect dialect)
      throws IOException {
    said.clear();
    try (StagedRam staged = StagedRam.over(machine, new NioRamFiles())) {
      RamLoader ram = new RamLoader(new StagedTarget(staged));
      SavevmReader reader =
          new SavevmReader(
              new StreamInput(new Bytes(stream)),
              dialect,
              Configuration.of("none"),
              ImmutableList.of(new BlockSection(said::add), ram),
              said::add);
      reader.load();
      staged.apply();
    } catch (LoadException e) {
      said.addAll(e.lines());
      said.add("load of migration failed: " + e.kind().text());
    }
    return List.copyOf(said);
  }

  private void assertUnchanged() {
    assertArrayEquals(old(1 << 20), bytes(guest, "pc.ram"));
  }

  private static byte[] old(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, OLD);
    return bytes;
  }

  private static GuestRam machine(Object... namesAndLengths) {
    List<RamBlock> blocks = new ArrayList<>();
    for (int i = 0; i < namesAndLengths.length; i += 2) {
      int length = (Integer) namesAndLengths[i + 1];
      HeapRam bytes = new HeapRam(length);
      bytes.write(0, ByteBuffer.wrap(old(length)));
      blocks.add(new RamBlock((String) namesAndLengths[i], bytes, false));
    }
    return new GuestRam(blocks, PhysicalMap.EMPTY);
  }

  private static byte[] bytes(GuestRam machine, String name) {
    RamBlock block = machine.block(name).orElseThrow();
    ByteBuffer all = ByteBuffer.allocate((int) block.length());
    block.read(0, all);
    return all.array();
  }

  /** A stream that comes in odd pieces. */
  private static final class Bytes implements StreamInput.ByteSource {
    private final ByteBuffer bytes;
    private int piece = 1;

    Bytes(byte[] bytes) {
      this.bytes = ByteBuffer.wrap(bytes);
    }

    @Override
    public int read(ByteBuffer into) {
      if (!bytes.hasRemaining()) {
        return -1;
      }
      piece = piece * 3 + 1 & 0xffff | 1;
      int length = Math.min(Math.min(piece, into.remaining()), bytes.remaining());
      into.put(bytes.slice(bytes.position(), length));
      bytes.position(bytes.position() + length);
      return length;
    }
  }
}
