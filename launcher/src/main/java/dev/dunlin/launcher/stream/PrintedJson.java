package dev.dunlin.launcher.stream;

import dev.dunlin.migration.inspect.BlockIndex;
import dev.dunlin.migration.inspect.DeviceContent;
import dev.dunlin.migration.inspect.StreamIndex;
import dev.dunlin.migration.inspect.StreamIndex.LiveSection;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.JsonText;
import dev.dunlin.migration.stream.SectionHeader;
import java.io.PrintStream;

/** A stream's content for programs: {@code dunlin-stream print --json}, one object. */
final class PrintedJson {
  private final PrintStream out;

  PrintedJson(PrintStream out) {
    this.out = out;
  }

  /** Device by device, since there may be a million fields. */
  void print(StreamIndex index) {
    String head = head(index).toString();
    out.print(head.substring(0, head.length() - 1));
    out.print(", \"devices\": [");
    String separator = "";
    for (DeviceContent device : DeviceContent.of(index)) {
      out.print(separator);
      out.print(device(device));
      separator = ", ";
    }
    out.println("]}");
  }

  private static JsonText head(StreamIndex index) {
    JsonText json = new JsonText().beginObject().name("bytes").value(index.length());
    index.configuration().ifPresent(configuration -> configuration(json, configuration));
    json.name("footers").value(index.hasFooters());
    json.name("description").value(index.devices().description().isPresent());
    json.name("live-sections").beginArray();
    index.liveSections().forEach(section -> liveSection(json, section));
    json.endArray();
    strings(json, "disks", index.disks());
    strings(json, "dirty-bitmaps", index.dirtyBitmaps());
    json.name("blocks").beginArray();
    index.blocks().forEach(block -> block(json, block));
    return json.endArray().endObject();
  }

  private static void configuration(JsonText json, Configuration configuration) {
    json.name("configuration").beginObject();
    json.name("machine").value(configuration.machineType());
    strings(json, "capabilities", configuration.capabilities());
    configuration.uuid().ifPresent(uuid -> json.name("uuid").value(uuid.toString()));
    json.endObject();
  }

  private static void strings(JsonText json, String name, Iterable<String> values) {
    json.name(name).beginArray();
    values.forEach(json::value);
    json.endArray();
  }

  private static void liveSection(JsonText json, LiveSection section) {
    json.beginObject().name("name").value(section.header().idstr());
    json.name("id").value(section.header().section() & 0xffffffffL);
    json.name("version").value(section.header().version() & 0xffffffffL);
    json.name("parts").value(section.parts()).name("bytes").value(section.bytes());
    json.endObject();
  }

  private static void block(JsonText json, BlockIndex block) {
    json.beginObject().name("name").value(block.idstr());
    json.name("length").value(block.length());
    block.address().ifPresent(at -> json.name("address").value(at));
    json.name("pages").value(block.totalPages());
    json.name("sent").value(block.sentPages());
    json.name("nonzero").value(block.nonzeroPages());
    json.name("normal-records").value(block.normalRecords());
    json.name("zero-records").value(block.zeroRecords());
    json.name("xbzrle-records").value(block.differenceRecords());
    json.name("compressed-records").value(block.compressedRecords());
    if (block.isContentKnown()) {
      json.name("tree-sha256").value(block.digest());
    }
    json.endObject();
  }

  private static String device(DeviceContent device) {
    SectionHeader header = device.section().header();
    JsonText json = new JsonText().beginObject().name("name").value(header.idstr());
    json.name("instance").value(header.instance() & 0xffffffffL);
    json.name("id").value(header.section() & 0xffffffffL);
    json.name("version").value(header.version() & 0xffffffffL);
    json.name("position").value(device.section().position());
    json.name("size").value(device.section().length());
    json.name("sha256").value(PrintedText.sha256(device.section().content()));
    if (device.fields().isPresent()) {
      json.name("fields").beginArray();
      device.fields().get().forEach(field -> FieldText.write(json, field));
      json.endArray();
    }
    return json.endObject().toString();
  }
}
