package dev.dunlin.migration.stream;

import java.util.ArrayList;
import java.util.List;

/**
 * The JSON that tells dump tools what the FULL sections hold; no loader needs it. Spelled as QEMU's
 * (migration/vmstate.c, migration/savevm.c): a device is a name, an instance and its fields.
 */
public final class VmDescription {
  private final int pageSize;
  private final List<String> devices = new ArrayList<>();

  public VmDescription(int pageSize) {
    this.pageSize = pageSize;
  }

  /** A device that has its JSON object already. */
  public void add(String json) {
    devices.add(json);
  }

  /** A device with described fields. */
  public void addDevice(String idstr, int instance, int version, List<Field> fields) {
    JsonText json = device(idstr, instance).name("vmsd_name").value(idstr);
    json.name("version").value(version).name("fields").beginArray();
    fields.forEach(field -> field.write(json));
    add(json.endArray().endObject().toString());
  }

  /** A device whose bytes only its own code understands; QEMU's form for such. */
  public static String opaque(String idstr, int instance, long size) {
    JsonText json = device(idstr, instance).name("size").value(size).name("fields").beginArray();
    new Field("data", "buffer", size).write(json);
    return json.endArray().endObject().toString();
  }

  /** The beginning of a device's object. */
  public static JsonText device(String idstr, int instance) {
    return new JsonText()
        .beginObject()
        .name("name")
        .value(idstr)
        .name("instance_id")
        .value(instance & 0xffffffffL);
  }

  public String toJson() {
    JsonText json = new JsonText().beginObject().name("page_size").value(pageSize);
    json.name("devices").beginArray();
    devices.forEach(json::raw);
    return json.endArray().endObject().toString();
  }

  /** One field: name, QEMU's type name, size in bytes. */
  public record Field(String name, String type, long size) {
    private void write(JsonText json) {
      json.beginObject().name("name").value(name).name("type").value(type);
      json.name("size").value(size).endObject();
    }
  }
}
