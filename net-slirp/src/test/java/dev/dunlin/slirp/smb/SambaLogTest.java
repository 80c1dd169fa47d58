package dev.dunlin.slirp.smb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SambaLogTest {
  private final SambaLog log =
      new SambaLog(ImmutableMap.of("/run/share-a", "/home/a", "/run/share-ab", "/home/b"));

  private List<String> told(String... lines) {
    return List.of(lines).stream().flatMap(line -> log.heard(line).stream()).toList();
  }

  @Test
  void what_every_smbd_says_is_not_told() {
    assertEquals(
        List.of(),
        told(
            "[2025/11/26 20:04:59.241709,  0] ../../source3/smbd/server.c:1741(main)",
            "  smbd version 4.17.12-Debian started.",
            "  Copyright Andrew Tridgell and the Samba Team 1992-2022",
            "  daemon_status: daemon 'smbd' : Starting process ...",
            "  Server exit (NT_STATUS_END_OF_FILE)"));
    assertEquals("", log.last());
  }

  @Test
  void what_is_amiss_is_told_once_without_its_header() {
    String sentence = "  open_internal_pipes: Could not connect";
    assertEquals(
        List.of("open_internal_pipes: Could not connect"),
        told("[2025/11/26 20:04:59.2, 0] a.c:1(b)", sentence, sentence));
    assertEquals("open_internal_pipes: Could not connect", log.last());
  }

  @Test
  void a_share_s_link_is_called_by_its_directory_the_longest_first() {
    assertEquals(
        List.of("can't open /home/b/x", "can't open /home/a/x"),
        told("can't open /run/share-ab/x", "can't open /run/share-a/x"));
  }

  @Test
  void a_guest_that_provokes_endless_sentences_has_eight_told_and_the_last_four_kept() {
    long told =
        IntStream.range(0, 100)
            .mapToObj(i -> log.heard("odd " + i))
            .filter(Optional::isPresent)
            .count();
    assertEquals(SambaLog.MOST_TOLD, told);
    assertEquals("odd 96; odd 97; odd 98; odd 99", log.last());
  }

  @Test
  void a_panic_is_told_by_its_own_line_alone() {
    assertEquals(
        List.of("PANIC (pid 7): assert failed"),
        told(
            "===============================================================",
            "INTERNAL ERROR: Signal 11 in pid 7 (4.17.12-Debian)",
            "If you are running a recent Samba version, please report it",
            "PANIC (pid 7): assert failed",
            "BACKTRACE: 12 stack frames:",
            " #0 /lib/libsmbconf.so.0(log_stack_trace+0x2e)",
            "dumping core in /var/log"));
  }
}
