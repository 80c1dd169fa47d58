package dev.dunlin.slirp.smb;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.slirp.host.ChildWords;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the log of one smbd, which it writes to its standard error: of each entry the header and
 * what every smbd says at every start and end are left out, the rest is told, each sentence once.
 */
final class SambaLog implements ChildWords {
  /** A guest can make smbd say as much as it likes. */
  static final int MOST_TOLD = 8;

  private static final int MOST_KEPT = 4;

  /** lib/util/debug.c: {@code [2025/11/26 20:04:59.241709, 0] server.c:1741(main)}. */
  private static final Pattern HEADER = Pattern.compile("\\[\\d{4}/\\d\\d/\\d\\d [\\d:.]+, .*");

  private static final ImmutableList<Pattern> USUAL =
      patterns(
          "smbd version .* started\\.",
          "Copyright Andrew Tridgell and the Samba Team .*",
          "daemon_status: daemon 'smbd' : Starting process .*",
          // A file that only a listening smbd writes.
          "Failed to delete pidfile .*",
          // How each ends when its connection does, and what follows from something told before.
          "Server exit \\(NT_STATUS_.*\\)",
          ".*smbXsrv_(tcon|session)_\\w+.*",
          // Around a panic, whose own line says it all.
          "=+",
          "INTERNAL ERROR: .*",
          "If you are running a recent Samba version, .*",
          "BACKTRACE: .*",
          "#\\d+ .*",
          "dumping core in .*",
          // Another smbd has it already, as should be: see SambaServer's companion.
          "notifyd_req failed: .*");

  /** Longest first: one may be the beginning of another. */
  private final ImmutableList<Map.Entry<String, String>> names;

  private final Set<String> told = new HashSet<>();
  private final Deque<String> last = new ArrayDeque<>();

  /**
   * @param names what smbd calls things, and what they are called in what is told
   */
  SambaLog(ImmutableMap<String, String> names) {
    this.names =
        ImmutableList.sortedCopyOf(
            Comparator.comparing(name -> -name.getKey().length()), names.entrySet());
  }

  private static ImmutableList<Pattern> patterns(String... texts) {
    ImmutableList.Builder<Pattern> patterns = ImmutableList.builder();
    for (String text : texts) {
      patterns.add(Pattern.compile(text));
    }
    return patterns.build();
  }

  @Override
  public Optional<String> heard(String line) {
    String text = line.strip();
    for (Map.Entry<String, String> name : names) {
      text = text.replace(name.getKey(), name.getValue());
    }
    return HEADER.matcher(text).matches() || isUsual(text) ? Optional.empty() : tell(text);
  }

  private static boolean isUsual(String text) {
    return USUAL.stream().anyMatch(usual -> usual.matcher(text).matches());
  }

  private Optional<String> tell(String text) {
    if (told.contains(text)) {
      return Optional.empty();
    }
    keep(text);
    if (told.size() >= MOST_TOLD) {
      return Optional.empty();
    }
    told.add(text);
    return Optional.of(text);
  }

  private void keep(String text) {
    if (text.equals(last.peekLast())) {
      return;
    }
    last.addLast(text);
    if (last.size() > MOST_KEPT) {
      last.removeFirst();
    }
  }

  @Override
  public String last() {
    return String.join("; ", last);
  }
}
