package dev.dunlin.core.net.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** tshark, as a judge of what {@code filter-dump} wrote. */
final class PeerPrograms {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private PeerPrograms() {}

  /**
   * Frames of a capture that match a display filter; a file still being written may end anywhere.
   */
  static long count(Path capture, String filter) {
    return tshark(capture, filter).stdout().lines().count();
  }

  /**
   * Fails unless the file is whole and no frame is malformed or has a wrong checksum. The TCP
   * checksum 0xffff passes: Linux without offload stores it for zero (skb_checksum_help()).
   */
  static void assertSound(Path capture) {
    ChildProcess.Result result =
        tshark(
            capture,
            "_ws.malformed || ip.checksum.status == 0"
                + " || (tcp.checksum.status == 0 && tcp.checksum != 0xffff)"
                + " || udp.checksum.status == 0 || icmp.checksum.status == 0");
    assertEquals(0, result.exitStatus(), result.stderr());
    assertEquals("", result.stdout());
  }

  private static ChildProcess.Result tshark(Path capture, String filter) {
    List<String> command =
        List.of(
            Peer.path("tshark"),
            "-n",
            "-r",
            capture.toString(),
            "-o",
            "ip.check_checksum:TRUE",
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "udp.check_checksum:TRUE",
            "-Y",
            filter);
    try (ChildProcess process = ChildProcess.start("tshark", command)) {
      return process.awaitResult(LIMIT);
    }
  }
}
