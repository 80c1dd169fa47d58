package dev.dunlin.migration.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamBytes;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What has no place in the other form is refused with its name; what has one arrives. */
class StreamConverterTest {
  private static List<String> refusal(StreamBytes stream, StreamDialect dialect) {
    return assertThrows(
            LoadException.class, () -> Converted.from(stream.build(), dialect, Optional.empty()))
        .lines();
  }

  @Test
  void there_and_back_is_the_same_stream() throws Exception {
    byte[] modern =
        StreamBytes.ofBlock("ram", 8192)
            .eof()
            .description("{\"page_size\": 4096, \"devices\": []}")
            .build();
    byte[] old = Converted.from(modern, StreamDialect.PC_0_12, Optional.empty());
    assertArrayEquals(modern, Converted.from(old, StreamDialect.MODERN, Optional.of("none")));
  }

  /**
   * A name that isn't text becomes longer when it is written again, longer than any name may be.
   */
  @Test
  void a_device_whose_name_is_not_text_is_refused() {
    byte[] name = new byte[200];
    Arrays.fill(name, (byte) 0xff);
    List<String> lines =
        refusal(
            StreamBytes.ofBlock("ram", 4096)
                .device(name, new byte[3])
                .eof()
                .description(
                    """
                    {"devices": [{"name": "%s", "instance_id": 0, "size": 3}]}"""
                        .formatted("\ufffd".repeat(200))),
            MODERN);
    assertEquals(
        List.of("The name of a device can't be written as it came: '" + "\ufffd".repeat(200) + "'"),
        lines);
  }

  @Test
  void a_capability_whose_name_is_not_text_is_refused() {
    StreamBytes stream = StreamBytes.header().configuration("none");
    stream.byte1(5).counted("configuration/capabilities").be32(1).be32(8);
    for (int i = 0; i < 8; i++) {
      byte[] name = new byte[255];
      Arrays.fill(name, (byte) 0xff);
      stream.byte1(255).bytes(name);
    }
    assertEquals(
        List.of("The names of the stream's machine and capabilities can't be written as they came"),
        refusal(stream.ramStart("ram", 4096L).ramEnd().eof(), MODERN));
  }

  @Test
  void a_machine_s_name_that_was_too_long_to_keep_is_refused_or_replaced() throws Exception {
    byte[] stream =
        StreamBytes.header()
            .configuration("x".repeat(2000))
            .ramStart("ram", 4096L)
            .ramEnd()
            .eof()
            .build();
    assertThrows(LoadException.class, () -> Converted.from(stream, MODERN, Optional.empty()));
    byte[] named = Converted.from(stream, MODERN, Optional.of("none"));
    StreamIndex index =
        StreamIndex.read(StreamInput.of(ByteBuffer.wrap(named)), new MemoryBudget(1 << 20));
    assertEquals("none", index.configuration().orElseThrow().machineType());
  }

  @Test
  void a_stream_without_a_machine_needs_one_in_the_modern_form() {
    assertEquals(
        List.of(
            "The stream doesn't say which machine it belongs to, and in that form it must",
            "error while loading state for instance 0x0 of device 'ram'"),
        refusal(StreamBytes.header().ramStart("ram", 4096L).ramEnd().eof(), MODERN));
  }

  @Test
  void what_the_old_form_has_no_room_for_is_named() {
    String section = "error while loading state section id 2(ram)";
    assertEquals(
        List.of(
            "That form has no room for pages sent as differences (XBZRLE)",
            "Failed to decompress XBZRLE page at 0",
            section),
        refusal(withRecord(0x40, 1, 0, 1, 9), StreamDialect.PC_0_12));
    assertEquals(
        List.of("That form has no room for compressed pages", section),
        refusal(withRecord(0x100, 0, 0, 0, 1, 9), StreamDialect.PC_0_12));
  }

  @Test
  void disks_bitmaps_and_commands_are_refused_everywhere() {
    StreamBytes disk = StreamBytes.header().configuration("x");
    disk.byte1(1).be32(1).counted("block").be32(0).be32(1).be64(0x9).counted("hda");
    assertEquals("Disks can't be converted, and the stream has hda", refusal(disk, MODERN).get(0));
    StreamBytes bitmap = StreamBytes.header().configuration("x");
    bitmap.byte1(1).be32(3).counted("dirty-bitmap").be32(0).be32(1);
    bitmap.byte1(0x0d).counted("d").counted("b").footer(3).ramStart("ram", 4096L).ramEnd().eof();
    assertEquals(
        List.of("Dirty bitmaps can't be converted, and the stream has d/b"),
        refusal(bitmap, MODERN));
    StreamBytes command = StreamBytes.header().configuration("x").byte1(8).be32(0x0001_0000);
    assertEquals(
        List.of("Commands can't be converted, and the stream has MIG_CMD 0x1"),
        refusal(command, MODERN));
  }

  private static final StreamDialect MODERN = StreamDialect.MODERN;

  private static StreamBytes withRecord(int flag, int... content) {
    return StreamBytes.header()
        .configuration("x")
        .ramStart("ram", 4096L)
        .ramPart(
            part -> {
              part.be64(flag).counted("ram");
              for (int value : content) {
                part.byte1(value);
              }
              return part;
            })
        .ramEnd()
        .eof();
  }
}
