package dev.dunlin.slirp.testing;

import dev.dunlin.testing.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Wireshark's dissectors as an oracle over captures that tests write. */
public final class Tshark {
  /**
   * What no honest frame shows. Linux stores all ones for a TCP sum of zero (skb_checksum_help in
   * net/core/dev.c), which adds up: nobody's fault.
   */
  public static final String FAULTS =
      "_ws.malformed || _ws.short || _ws.expert.severity == error"
          + " || ip.checksum.status == 0 || udp.checksum.status == 0"
          + " || (tcp.checksum.status == 0 && tcp.checksum != 0xffff) || icmp.checksum.status == 0";

  private Tshark() {}

  /**
   * One line for each frame of the capture that the display filter selects.
   *
   * @param noise ports whose content is noise: dissectors that guess by content now and then see
   *     their own protocol in it, and faults
   */
  public static List<String> select(Path capture, String filter, int... noise)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("-Y", filter));
    for (int port : noise) {
      options.addAll(List.of("-d", "tcp.port==" + port + ",data"));
      options.addAll(List.of("-d", "udp.port==" + port + ",data"));
    }
    return read(capture, options);
  }

  /** The named fields of each frame, separated by tabs; nothing for a field that isn't there. */
  public static List<String> fields(Path capture, String... names)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(List.of("-T", "fields"));
    for (String name : names) {
      options.addAll(List.of("-e", name));
    }
    return read(capture, options);
  }

  private static List<String> read(Path capture, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Peer.path("tshark"), "-n", "-r"));
    command.add(capture.toString());
    for (String protocol : List.of("ip", "udp", "tcp")) {
      command.addAll(List.of("-o", protocol + ".check_checksum:TRUE"));
    }
    command.addAll(options);
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            .start();
    try (InputStream out = process.getInputStream()) {
      List<String> lines = new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException("tshark ended with " + status + " for " + options);
      }
      return lines;
    }
  }
}
