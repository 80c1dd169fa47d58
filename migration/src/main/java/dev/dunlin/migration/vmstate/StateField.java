package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamInput;

/**
 * A field of a description, once or as an array.
 *
 * @param label the name that the vmdescription has: with a number when several are called alike
 */
record StateField<T>(
    String name,
    String label,
    Presence<T> presence,
    BoundedCount<T> count,
    boolean array,
    Element<T> element)
    implements Step<T> {

  @Override
  public void save(StateOutput out, T target, int version, String owner) throws StateException {
    if (!presence.in(target, version)) {
      return;
    }
    try {
      save(out, target, count.toSave(target));
    } catch (StateException e) {
      throw e.within("Save of field " + owner + "/" + name + " failed");
    }
  }

  private void save(StateOutput out, T target, int elements) throws StateException {
    boolean once = isUniform();
    for (int i = 0; i < elements; i++) {
      begin(out, elements, i);
      int before = out.size();
      element.save(out, target, i);
      int size = out.size() - before;
      out.describe(json -> json.name("size").value(size).endObject());
      if (once && i == 0) {
        out.silence();
      }
    }
    if (once && elements > 0) {
      out.speak();
    }
  }

  private void begin(StateOutput out, int elements, int index) {
    out.describe(
        json -> {
          json.beginObject().name("name").value(label);
          if (array && elements > 1) {
            json.name(isUniform() ? "array_len" : "index").value(isUniform() ? elements : index);
          }
          json.name("type").value(element.type());
        });
  }

  @Override
  public void load(StreamInput in, T target, int version, String owner) throws LoadException {
    if (!presence.in(target, version)) {
      return;
    }
    try {
      int elements = count.toLoad(target);
      for (int i = 0; i < elements; i++) {
        element.load(in, target, i);
        in.check();
      }
    } catch (LoadException e) {
      throw e.within("Failed to load " + owner + ":" + name);
    }
  }

  /** QEMU describes the elements one by one when they may differ. */
  @Override
  public boolean isUniform() {
    return presence.when().isEmpty() && element.isUniform();
  }

  StateField<T> labelled(String unique) {
    return new StateField<>(name, unique, presence, count, array, element);
  }
}
