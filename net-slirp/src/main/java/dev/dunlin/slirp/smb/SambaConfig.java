package dev.dunlin.slirp.smb;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * The text of smb.conf(5) for one network. Every directory that Samba would otherwise have under
 * /var or /run lies in the private one, so that it works for any user and disturbs no other server.
 *
 * <p>In that file a percent sign begins a macro, a trailing backslash joins lines and quotes
 * vanish. So no path of the user's stands in it: a share's path is a symbolic link in the private
 * directory, which Samba resolves before it compares anything with it.
 */
final class SambaConfig {
  /** What means nothing in smb.conf, in any place. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._+@-]+");

  private final Path directory;
  private final SmbSettings settings;
  private final String user;

  /**
   * @param directory the private one
   * @param user login name of the user who runs us, which owns everything that the guest writes
   */
  SambaConfig(Path directory, SmbSettings settings, String user) {
    this.directory = directory;
    this.settings = settings;
    this.user = user;
  }

  /** Whether a text can stand in the file as it is. */
  static boolean isPlain(String text) {
    return PLAIN.matcher(text).matches();
  }

  static Path file(Path directory) {
    return directory.resolve("smb.conf");
  }

  static Path passwords(Path directory) {
    return directory.resolve("smbpasswd");
  }

  static Path userMap(Path directory) {
    return directory.resolve("usermap");
  }

  /** The link that stands for a share's directory. */
  static Path link(Path directory, SmbShare share) {
    return directory.resolve("share-" + share.name());
  }

  /** Where smbd takes its log to be, by {@code -l} before it has read its configuration too. */
  static Path log(Path directory) {
    return directory.resolve("log.smbd");
  }

  /** Holds the names of Samba's daemons, written when one has come up. */
  static Path daemonNames(Path directory) {
    return directory.resolve("names.tdb");
  }

  String text() {
    StringBuilder text = new StringBuilder("[global]\n");
    for (String kind : new String[] {"private dir", "pid directory", "lock directory"}) {
      set(text, kind, directory);
    }
    set(text, "state directory", directory);
    set(text, "cache directory", directory);
    set(text, "ncalrpc dir", directory.resolve("ncalrpc"));
    set(text, "usershare path", directory);
    set(text, "log file", log(directory));
    set(text, "logging", "file");
    set(text, "passdb backend", "smbpasswd:" + passwords(directory));
    set(text, "smb passwd file", passwords(directory));
    // It has one connection, which is given to it; it is to listen and to announce itself nowhere.
    set(text, "interfaces", "127.0.0.1");
    set(text, "bind interfaces only", "yes");
    set(text, "security", "user");
    set(text, "disable netbios", "yes");
    set(text, "load printers", "no");
    set(text, "printing", "bsd");
    set(text, "printcap name", "/dev/null");
    set(text, "disable spoolss", "yes");
    set(text, "usershare max shares", "0");
    // A second connection of one client isn't handed to the first one's smbd, but has its own.
    set(text, "server multi channel support", "no");
    // Who is let in is this user already, as guest or by the map of names: "force user" would make
    // every tree connect build one more token, in databases that helpers share.
    set(text, "guest account", user);
    settings.oldest().ifPresent(oldest -> oldest(text, oldest));
    logon(text);
    settings.shares().forEach(share -> share(text, share));
    return text.toString();
  }

  private static void oldest(StringBuilder text, SmbDialect oldest) {
    set(text, "server min protocol", oldest.first());
    if (oldest == SmbDialect.NT1) {
      set(text, "ntlm auth", "ntlmv1-permitted");
    }
  }

  private void logon(StringBuilder text) {
    if (settings.account().isPresent()) {
      set(text, "map to guest", "Never");
      set(text, "username map", userMap(directory));
    } else {
      set(text, "map to guest", "Bad User");
    }
  }

  private void share(StringBuilder text, SmbShare share) {
    text.append('[').append(share.name()).append("]\n");
    set(text, "path", link(directory, share));
    set(text, "read only", settings.readOnly() ? "yes" : "no");
    if (settings.account().isPresent()) {
      set(text, "valid users", user);
    } else {
      set(text, "guest ok", "yes");
    }
  }

  private static void set(StringBuilder text, String name, Object value) {
    text.append(name).append(" = ").append(value).append('\n');
  }
}
