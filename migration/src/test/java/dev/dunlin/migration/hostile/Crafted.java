package dev.dunlin.migration.hostile;

import dev.dunlin.migration.stream.StreamBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Streams that no mutation comes to: descriptions above all, which are made to hurt. */
final class Crafted {
  private static final int MANY = 60_000;

  private Crafted() {}

  static List<byte[]> of(StreamTarget target) {
    return switch (target) {
      case DESCRIPTION ->
          descriptions().stream().map(json -> json.getBytes(StandardCharsets.UTF_8)).toList();
      case RELAY, INSPECT, CONVERT -> streams();
      default -> List.of();
    };
  }

  private static List<byte[]> streams() {
    List<byte[]> streams = new ArrayList<>();
    for (String json : descriptions()) {
      StreamBytes stream = StreamBytes.ofBlock("ram", 8192);
      stream.device("timer", new byte[24]).device("cpu", new byte[60]).eof().description(json);
      streams.add(stream.build());
    }
    // A block list that goes on, with nothing in it.
    StreamBytes list = StreamBytes.header().configuration("none").byte1(1).be32(2).counted("ram");
    list.be32(0).be32(4).be64(1L << 40 | 4);
    for (int i = 0; i < MANY; i++) {
      list.counted("b").be64(0);
    }
    streams.add(list.build());
    // Lengths of which nothing comes.
    streams.add(StreamBytes.ofBlock("ram", 8192).eof().byte1(6).be32(16 << 20).build());
    streams.add(StreamBytes.ofBlock("ram", 8192).eof().byte1(6).be32(-1).build());
    streams.add(StreamBytes.ofBlock("ram", 4L << 40).eof().build());
    streams.add(StreamBytes.header().byte1(7).be32(-1).build());
    streams.add(StreamBytes.header().byte1(8).be32(0xffff).build());
    // Devices that are all footers.
    StreamBytes footers = StreamBytes.ofBlock("ram", 8192).byte1(4).be32(5).counted("x").be64(0);
    for (int i = 0; i < MANY; i++) {
      footers.footer(5);
    }
    streams.add(footers.eof().build());
    return streams;
  }

  private static List<String> descriptions() {
    String device = "{\"name\": \"timer\", \"instance_id\": 0, ";
    String timer = device + "\"size\": 24, \"fields\": [%s]}";
    String long255 = "n".repeat(255);
    List<String> some = new ArrayList<>();
    some.add("{\"devices\": [" + "[".repeat(MANY));
    some.add("{\"devices\": [" + "{\"subsections\": [".repeat(400) + "]}".repeat(400) + "]}");
    some.add(devices(String.join(", ", Collections.nCopies(MANY, "{\"size\": 0}"))));
    for (String size :
        List.of("-1", "1e400", "9223372036854775807", "9".repeat(2000), "[]", "\"\"")) {
      some.add(devices(device + "\"size\": " + size + ", \"fields\": []}"));
      some.add(devices(timer.formatted("{\"name\": \"a\", \"size\": " + size + "}")));
    }
    String nested =
        "{\"name\": \"%s\", \"size\": 0, \"array_len\": %d, \"struct\": {\"fields\": [%s]}}";
    String leaf = "{\"name\": \"" + long255 + "\", \"type\": \"b\", \"size\": 0}";
    String rest = ", {\"name\": \"r\", \"type\": \"b\", \"size\": 24}";
    String cpu = ", {\"name\": \"cpu\", \"instance_id\": 0, \"size\": 60, \"fields\": []}";
    some.add(
        devices(
            timer.formatted(
                    nested.formatted(long255, 900_000, nested.formatted(long255, 1, leaf)) + rest)
                + cpu));
    some.add(
        devices(
            timer.formatted(nested.formatted("a", 1L << 62, leaf.replace("b", "c")) + rest) + cpu));
    String zero = "{\"name\": \"a\", \"type\": \"b\", \"size\": 0}, ";
    some.add(devices(timer.formatted(zero.repeat(MANY) + rest.substring(2)) + cpu));
    some.add(devices(timer.formatted("{},".repeat(250_000) + "{}") + cpu));
    some.add("{\"" + "k".repeat(100_000) + "\": 1}");
    StringBuilder keys = new StringBuilder("{");
    for (int i = 0; i < MANY; i++) {
      keys.append("\"key").append(i).append("\": 1, ");
    }
    some.add(keys + "\"devices\": []}");
    return some;
  }

  private static String devices(String list) {
    return "{\"page_size\": 4096, \"devices\": [" + list + "]}";
  }
}
