package dev.dunlin.migration.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamBytes;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.testing.NoLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** What an index says of a stream, and where it stops believing it. */
@NoLeaks
class StreamIndexTest {
  private static final String RAM = "error while loading state section id 2(ram)";
  private static final String LIST = "error while loading state for instance 0x0 of device 'ram'";
  private static final MemoryBudget PLENTY = new MemoryBudget(1 << 20);

  static StreamIndex read(StreamBytes stream) throws LoadException {
    return StreamIndex.read(StreamInput.of(ByteBuffer.wrap(stream.build())), PLENTY);
  }

  private static List<String> refusal(StreamBytes stream) {
    return assertThrows(LoadException.class, () -> read(stream)).lines();
  }

  @Test
  void pages_and_lengths_are_counted() throws Exception {
    StreamBytes stream = StreamBytes.header().configuration("none").ramStart("ram", 5 * 4096L);
    stream.ramPart(
        part -> part.page("ram", 0, (byte) 1).zero("ram", 4096).page("ram", 0, (byte) 2));
    int length = stream.ramEnd().eof().build().length;
    StreamIndex index = read(stream.bytes(new byte[9]));
    assertEquals(length, index.length());
    BlockIndex ram = index.block("ram").orElseThrow();
    assertEquals(
        List.of(5L, 2L, 1L), List.of(ram.totalPages(), ram.sentPages(), ram.nonzeroPages()));
    assertEquals(List.of(2L, 1L), List.of(ram.normalRecords(), ram.zeroRecords()));
  }

  /** It was computed from the name, which a stranger may write in bytes that aren't text. */
  @Test
  void the_length_is_right_whatever_a_device_is_called() throws Exception {
    StreamBytes stream = StreamBytes.ofBlock("ram", 4096);
    stream.device(new byte[] {(byte) 0xff, 'x'}, new byte[3]).eof();
    byte[] whole =
        stream
            .description(
                """
                {"devices": [{"name": "\ufffdx", "instance_id": 0, "size": 3}]}""")
            .build();
    assertEquals(whole.length, read(stream).length());
  }

  @Test
  void a_block_comes_once_and_has_a_name() {
    assertEquals(
        List.of("Two blocks are called 'ram'", LIST),
        refusal(StreamBytes.header().configuration("x").ramStart("ram", 4096L, "ram", 8192L)));
    assertEquals(
        List.of("No block can be called '' with 0x1000 bytes", LIST),
        refusal(StreamBytes.header().configuration("x").ramStart("", 4096L)));
    assertEquals(
        List.of("No block can be called 'ram' with 0x8000000000000000 bytes", LIST),
        refusal(StreamBytes.header().configuration("x").ramStart("ram", Long.MIN_VALUE)));
  }

  @Test
  void more_blocks_than_any_machine_has_are_refused() {
    Object[] blocks = new Object[2 * 4097];
    for (int i = 0; i < 4097; i++) {
      blocks[2 * i] = "b" + i;
      blocks[2 * i + 1] = 4096L;
    }
    assertEquals(
        List.of("More than 4096 blocks of RAM", LIST),
        refusal(StreamBytes.header().configuration("x").ramStart(blocks)));
  }

  @Test
  void a_page_outside_its_block_and_one_of_no_block_are_refused() {
    StreamBytes outside = StreamBytes.header().configuration("x").ramStart("ram", 4096L);
    assertEquals(
        List.of("Illegal RAM offset 1000", RAM),
        refusal(outside.ramPart(part -> part.page("ram", 4096, (byte) 1))));
    StreamBytes unknown = StreamBytes.header().configuration("x").ramStart("ram", 4096L);
    assertEquals(
        List.of("Can't find block rom", "Illegal RAM offset 0", RAM),
        refusal(unknown.ramPart(part -> part.page("rom", 0, (byte) 1))));
  }

  /** A page each 256 KiB takes most: a group of its own. */
  @Test
  void no_more_is_remembered_than_the_budget_allows() throws Exception {
    StreamBytes stream = StreamBytes.header().configuration("x").ramStart("ram", 1L << 62);
    stream.ramPart(
        part -> {
          for (long i = 0; i < 1000; i++) {
            part.zero("ram", i << 18);
          }
          return part;
        });
    byte[] bytes = stream.ramEnd().eof().build();
    assertEquals(
        1000,
        StreamIndex.read(StreamInput.of(ByteBuffer.wrap(bytes)), new MemoryBudget(120_000))
            .block("ram")
            .orElseThrow()
            .sentPages());
    LoadException refused =
        assertThrows(
            LoadException.class,
            () ->
                StreamIndex.read(
                    StreamInput.of(ByteBuffer.wrap(bytes)), new MemoryBudget(119_999)));
    assertEquals(
        List.of("The stream's pages are too many to remember in 0 MiB", RAM), refused.lines());
  }

  /** A difference is taken from what came before; without that it stays unknown. */
  @Test
  void differences_need_the_ram_that_is_only_kept_on_request() throws Exception {
    byte[] difference = {0, 2, 7, 7};
    byte[] bytes = withRecord(0x40, new byte[] {1, 0, 4}, difference).build();
    StreamIndex index = StreamIndex.read(StreamInput.of(ByteBuffer.wrap(bytes)), PLENTY);
    assertTrue(index.hasUnknownContent());
    StreamIndex kept = StreamIndex.readKeepingRam(StreamInput.of(ByteBuffer.wrap(bytes)), PLENTY);
    assertFalse(kept.hasUnknownContent());
    assertEquals(1, kept.block("ram").orElseThrow().differenceRecords());
  }

  @Test
  void a_difference_that_is_none_is_refused() {
    byte[] bytes = withRecord(0x40, new byte[] {1, 0, 2}, new byte[] {0, 2}).build();
    LoadException refused =
        assertThrows(
            LoadException.class,
            () -> StreamIndex.readKeepingRam(StreamInput.of(ByteBuffer.wrap(bytes)), PLENTY));
    assertEquals(
        List.of(
            "Failed to load XBZRLE page - decode error!",
            "Failed to decompress XBZRLE page at 0",
            RAM),
        refused.lines());
  }

  /** The block's length is a claim; keeping its last page takes a page and no more. */
  @Test
  void a_page_at_the_end_of_a_block_too_large_for_any_file_is_a_failure_of_the_file() {
    StreamBytes stream = StreamBytes.header().configuration("x").ramStart("ram", 1L << 62);
    byte[] bytes =
        stream
            .ramPart(part -> part.page("ram", (1L << 62) - 4096, (byte) 1))
            .ramEnd()
            .eof()
            .build();
    IOException failed =
        assertThrows(
            IOException.class,
            () -> StreamIndex.readKeepingRam(StreamInput.of(ByteBuffer.wrap(bytes)), PLENTY));
    assertTrue(
        String.valueOf(failed.getMessage()).startsWith("keeping RAM in a temporary file: "),
        failed::toString);
  }

  @Test
  void a_compressed_page_is_a_page_or_refused() throws Exception {
    byte[] whole = deflated(4096);
    assertEquals(
        1,
        read(withRecord(0x100, be32(whole.length), whole))
            .block("ram")
            .orElseThrow()
            .compressedRecords());
    byte[] half = deflated(2048);
    byte[] junk = {1, 2, 3};
    for (byte[] bad : List.of(half, junk, new byte[0])) {
      assertEquals(
          List.of("decompress data failed", RAM),
          refusal(withRecord(0x100, be32(bad.length), bad)));
    }
    assertEquals(
        List.of("Invalid compressed data length: -1", RAM),
        refusal(withRecord(0x100, be32(-1), whole)));
  }

  private static byte[] be32(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static byte[] deflated(int length) {
    Deflater deflater = new Deflater();
    deflater.setInput(new byte[length]);
    deflater.finish();
    byte[] bytes = new byte[100];
    int count = deflater.deflate(bytes);
    deflater.end();
    return java.util.Arrays.copyOf(bytes, count);
  }

  /** A page of ones and then a record of the same page. */
  private static StreamBytes withRecord(int flag, byte[] head, byte[] content) {
    return StreamBytes.header()
        .configuration("x")
        .ramStart("ram", 4096L)
        .ramPart(
            part ->
                part.page("ram", 0, (byte) 1).be64(flag).counted("ram").bytes(head).bytes(content))
        .ramEnd()
        .eof();
  }
}
