package dev.dunlin.launcher.stream;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.inspect.BlockIndex;
import dev.dunlin.migration.inspect.DeviceContent;
import dev.dunlin.migration.inspect.MemoryBudget;
import dev.dunlin.migration.inspect.StreamIndex;
import dev.dunlin.migration.stream.JsonText;
import java.io.IOException;

/**
 * Whether a stream is whole: every frame, footer and size, every page within its block, every
 * device where the description says.
 *
 * @param notes what is worth a word in a good stream
 */
record Verification(boolean isGood, String verdict, ImmutableList<String> notes) {

  static Verification of(StreamFile file) throws ToolException {
    try {
      StreamIndex index = file.read(in -> StreamIndex.read(in, MemoryBudget.ofJvm()));
      String verdict =
          "good: %d bytes, %s, %s"
              .formatted(
                  index.length(),
                  Quantity.count(index.blocks().size(), "block"),
                  Quantity.count(index.devices().sections().size(), "device"));
      return new Verification(true, verdict, notes(file, index));
    } catch (StreamFile.BadStream e) {
      return new Verification(
          false, "bad at byte " + e.position() + ": " + e.getMessage(), ImmutableList.of());
    } catch (IOException e) {
      throw ToolException.trouble(file.name() + ": " + StreamFile.reason(e));
    }
  }

  private static ImmutableList<String> notes(StreamFile file, StreamIndex index)
      throws IOException {
    ImmutableList.Builder<String> notes = ImmutableList.builder();
    long after = file.bytesAfter(index.length());
    if (after > 0) {
      notes.add(Quantity.count(after, "byte") + " after the end of the stream");
    }
    for (BlockIndex block : index.blocks()) {
      long missing = block.totalPages() - block.sentPages();
      if (missing > 0 && block.isContentKnown()) {
        notes.add(
            "block %s: %s never sent".formatted(block.idstr(), Quantity.count(missing, "page")));
      }
    }
    if (index.devices().description().isEmpty() && !index.devices().sections().isEmpty()) {
      notes.add("no description: sections were told apart by their footers");
    } else {
      for (DeviceContent device : DeviceContent.of(index)) {
        if (device.fields().isEmpty()) {
          notes.add(
              "device %s: its description doesn't fit its bytes"
                  .formatted(device.section().header().idstr()));
        }
      }
    }
    return notes.build();
  }

  String json() {
    JsonText json = new JsonText().beginObject().name("good").value(isGood);
    json.name("verdict").value(verdict).name("notes").beginArray();
    notes.forEach(json::value);
    return json.endArray().endObject().toString();
  }
}
