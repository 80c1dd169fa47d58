package dev.dunlin.launcher.stream;

import dev.dunlin.migration.inspect.Difference;
import dev.dunlin.migration.inspect.FieldValue;
import dev.dunlin.migration.inspect.PageRange;
import dev.dunlin.migration.stream.JsonText;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** What {@code dunlin-stream compare} has found, one line each, or as one JSON array. */
final class PrintedDifferences {
  private static final int SHORT_RANGES = 20;

  private final PrintStream out;
  private final boolean full;

  PrintedDifferences(PrintStream out, boolean full) {
    this.out = out;
    this.full = full;
  }

  void text(List<Difference> differences) {
    for (Difference difference : differences) {
      out.println(line(difference));
    }
  }

  private String line(Difference difference) {
    if (difference instanceof Difference.Pages pages) {
      return "block %s: %d of %s differ: %s"
          .formatted(
              pages.block(), pages.pages(), Quantity.count(pages.total(), "page"), ranges(pages));
    }
    if (difference instanceof Difference.Field field) {
      return "device %s: %s: %s".formatted(field.device(), field.left().path(), values(field));
    }
    if (difference instanceof Difference.Bytes bytes) {
      return bytes.left() == bytes.right()
          ? "device %s: %s differ, the first at %d"
              .formatted(bytes.device(), Quantity.count(bytes.bytes(), "byte"), bytes.first())
          : "device %s: %d bytes and %d bytes, alike up to %d"
              .formatted(bytes.device(), bytes.left(), bytes.right(), bytes.first());
    }
    Difference.Value value = (Difference.Value) difference;
    return "%s: %s and %s"
        .formatted(value.where(), value.left().orElse("none"), value.right().orElse("none"));
  }

  private String ranges(Difference.Pages pages) {
    List<PageRange> all = pages.ranges();
    int shown = full ? all.size() : Math.min(all.size(), SHORT_RANGES);
    String text =
        all.stream()
            .limit(shown)
            .map(range -> Quantity.hex(range.from()) + "-" + Quantity.hex(range.to()))
            .collect(Collectors.joining(", "));
    return shown < all.size() ? text + " … (" + Quantity.count(all.size(), "range") + ")" : text;
  }

  /** Of arrays and buffers only the first element that isn't alike. */
  private String values(Difference.Field field) {
    FieldValue left = field.left();
    FieldValue right = field.right();
    if (full || !left.isNumber() || left.elements() == 1) {
      return FieldText.of(left, full) + " and " + FieldText.of(right, full);
    }
    int differing = 0;
    int first = -1;
    for (int i = 0; i < left.elements(); i++) {
      if (left.number(i) != right.number(i)) {
        first = first < 0 ? i : first;
        differing++;
      }
    }
    return "%d of %d differ, the first at [%d]: %s and %s"
        .formatted(
            differing,
            left.elements(),
            first,
            FieldText.element(left, first),
            FieldText.element(right, first));
  }

  void json(List<Difference> differences) {
    JsonText json = new JsonText().beginArray();
    differences.forEach(difference -> write(json, difference));
    out.println(json.endArray());
  }

  private static void write(JsonText json, Difference difference) {
    json.beginObject();
    if (difference instanceof Difference.Pages pages) {
      json.name("block").value(pages.block());
      json.name("differing-pages").value(pages.pages()).name("pages").value(pages.total());
      json.name("ranges").beginArray();
      for (PageRange range : pages.ranges()) {
        json.beginObject().name("from").value(range.from()).name("to").value(range.to());
        json.endObject();
      }
      json.endArray();
    } else if (difference instanceof Difference.Field field) {
      json.name("device").value(field.device()).name("field").value(field.left().path());
      json.name("left");
      FieldText.value(json, field.left());
      json.name("right");
      FieldText.value(json, field.right());
    } else if (difference instanceof Difference.Bytes bytes) {
      json.name("device").value(bytes.device());
      json.name("left-size").value(bytes.left()).name("right-size").value(bytes.right());
      json.name("first").value(bytes.first()).name("differing-bytes").value(bytes.bytes());
    } else if (difference instanceof Difference.Value value) {
      json.name("what").value(value.where());
      value.left().ifPresent(left -> json.name("left").value(left));
      value.right().ifPresent(right -> json.name("right").value(right));
    }
    json.endObject();
  }
}
