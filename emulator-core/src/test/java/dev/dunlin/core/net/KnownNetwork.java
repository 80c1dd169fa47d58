package dev.dunlin.core.net;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A command line, and what QEMU 7.2 says of its networks; kept in {@code networks.txt}. */
record KnownNetwork(List<String> args, List<String> warnings, String info) {

  static Stream<KnownNetwork> all() {
    try (InputStream in = KnownNetwork.class.getResourceAsStream("networks.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
      return Arrays.stream(text.substring(text.indexOf("$ ")).split("(?m)^\\$ "))
          .filter(block -> !block.isEmpty())
          .map(KnownNetwork::block);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KnownNetwork block(String block) {
    List<String> lines = block.lines().toList();
    List<String> warnings = new ArrayList<>();
    StringBuilder info = new StringBuilder();
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith("  ! ")) {
        warnings.add(line.substring(4));
      } else {
        info.append(line.substring(2)).append('\n');
      }
    }
    List<String> args = lines.get(0).isEmpty() ? List.of() : Arrays.asList(lines.get(0).split(" "));
    return new KnownNetwork(args, warnings, info.toString());
  }

  /** The last two digits of a name that QEMU makes up are random. */
  static String withoutDigits(String text) {
    return text.replaceAll("#net(\\d+)\\d\\d", "#net$1xx");
  }

  @Override
  public String toString() {
    return String.join(" ", args);
  }
}
