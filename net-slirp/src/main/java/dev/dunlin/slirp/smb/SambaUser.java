package dev.dunlin.slirp.smb;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.HostUsers;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who smbd runs as: the user who runs us. One exception: an smbd that is root sets its groups, and
 * panics when it may not. In a user namespace of an ordinary user (unshare -r, a rootless
 * container) root may not (user_namespaces(7)), nor may a root who was deprived of his
 * capabilities. There smbd runs in one more user namespace, in which the same user has the number
 * of nobody, and does what every ordinary user's smbd does: to the kernel and on the disk it stays
 * the same user.
 *
 * @param name login name, which Samba looks up
 * @param prefix what is put before its command line
 */
record SambaUser(String name, int uid, ImmutableList<String> prefix) {
  /** "nobody" on every Linux distribution, and the kernel's number for whom it can't name. */
  private static final int NOBODY = 65534;

  /** capabilities(7). */
  private static final int CAP_SETGID = 6;

  private static final int CAP_SETUID = 7;

  /**
   * The user of this process.
   *
   * @throws OptionException when the user database has no name for it that Samba could take
   */
  static SambaUser current() throws OptionException {
    int uid = HostUsers.effectiveUid();
    if (uid == 0 && !canSetGroups()) {
      ImmutableList<String> prefix =
          ImmutableList.of(
              "unshare", "--user", "--map-user=" + NOBODY, "--map-group=" + NOBODY, "--");
      return new SambaUser(nameOf(NOBODY), NOBODY, prefix);
    }
    return new SambaUser(nameOf(uid), uid, ImmutableList.of());
  }

  private static String nameOf(int uid) throws OptionException {
    return HostUsers.nameOf(uid)
        .filter(SambaConfig::isPlain)
        .orElseThrow(() -> new OptionException("failed to retrieve user name of user id " + uid));
  }

  /** As proc(5) tells it; where it tells nothing there is nothing to be afraid of. */
  private static boolean canSetGroups() {
    boolean denied = line("/proc/self/setgroups", "").equals(Optional.of("deny"));
    boolean capable =
        line("/proc/self/status", "CapEff:")
            .map(hex -> new BigInteger(hex, 16))
            .map(held -> held.testBit(CAP_SETGID) && held.testBit(CAP_SETUID))
            .orElse(true);
    return capable && !denied;
  }

  /** What stands behind {@code key} in a file of lines. */
  private static Optional<String> line(String file, String key) {
    try {
      return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(key.length()).strip())
          .findFirst();
    } catch (IOException unknown) {
      return Optional.empty();
    }
  }
}
