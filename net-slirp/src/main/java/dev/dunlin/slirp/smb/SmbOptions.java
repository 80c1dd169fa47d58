package dev.dunlin.slirp.smb;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.dunlin.core.cli.KeyValueList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.Secret;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the options of shares: QEMU's {@code smb=DIR}, and Dunlin's own beside it: {@code
 * smb.NAME=DIR} for more shares, {@code smb-readonly}, {@code smb-user} with {@code
 * smb-password-secret}, {@code smb-min-protocol}.
 */
public final class SmbOptions {
  public static final ImmutableSet<String> KEYS =
      ImmutableSet.of("smb", "smb-readonly", "smb-user", "smb-password-secret", "smb-min-protocol");

  private static final String SHARE_PREFIX = "smb.";
  private static final Pattern SHARE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,79}");

  /** Sections of smb.conf(5) that aren't shares. */
  private static final ImmutableSet<String> RESERVED =
      ImmutableSet.of("global", "homes", "printers");

  private static final Pattern ACCOUNT_NAME = Pattern.compile("[^\\p{Cntrl}\"/\\\\%@+*]{1,64}");

  private final SmbProvider provider;
  private final Map<String, Secret> secrets;

  public SmbOptions(SmbProvider provider, Map<String, Secret> secrets) {
    this.provider = provider;
    this.secrets = Map.copyOf(secrets);
  }

  /** Whether a key of a user network is one of these. */
  public static boolean isOurs(String key) {
    return KEYS.contains(key) || key.startsWith(SHARE_PREFIX);
  }

  /** What is to be served; empty when no directory is given. */
  public Optional<SmbSettings> read(KeyValueList list) throws OptionException {
    boolean readOnly = list.bool("smb-readonly", false);
    Optional<SmbDialect> oldest = oldest(list);
    Optional<SmbAccount> account = account(list);
    ImmutableList<KeyValueList.Entry> wanted = wanted(list);
    if (wanted.isEmpty()) {
      refuseUseless(list);
      return Optional.empty();
    }
    // As QEMU does: the server first, then what it is to serve.
    provider.check(new SmbSettings(ImmutableList.of(), readOnly, account, oldest));
    ImmutableList.Builder<SmbShare> shares = ImmutableList.builder();
    for (KeyValueList.Entry entry : wanted) {
      shares.add(new SmbShare(nameOf(entry), SharedDirectory.check(entry.value())));
    }
    return Optional.of(new SmbSettings(shares.build(), readOnly, account, oldest));
  }

  /** The last {@code smb=}, which QEMU takes, and every named share. */
  private static ImmutableList<KeyValueList.Entry> wanted(KeyValueList list)
      throws OptionException {
    ImmutableList.Builder<KeyValueList.Entry> wanted = ImmutableList.builder();
    list.last("smb").ifPresent(dir -> wanted.add(new KeyValueList.Entry("smb", dir, false)));
    Set<String> names = new HashSet<>(Set.of(SmbShare.DEFAULT_NAME));
    for (KeyValueList.Entry entry : list.entries()) {
      if (entry.key().startsWith(SHARE_PREFIX)) {
        String name = nameOf(entry).toLowerCase(Locale.ROOT);
        if (!SHARE_NAME.matcher(name).matches() || RESERVED.contains(name)) {
          throw new OptionException("Invalid share name in parameter '" + entry.key() + "'");
        }
        if (!names.add(name)) {
          throw new OptionException("Duplicate share name in parameter '" + entry.key() + "'");
        }
        wanted.add(entry);
      }
    }
    return wanted.build();
  }

  private static String nameOf(KeyValueList.Entry entry) {
    return entry.key().equals("smb")
        ? SmbShare.DEFAULT_NAME
        : entry.key().substring(SHARE_PREFIX.length());
  }

  private static Optional<SmbDialect> oldest(KeyValueList list) throws OptionException {
    Optional<String> text = list.last("smb-min-protocol");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<SmbDialect> dialect = SmbDialect.parse(text.get());
    if (dialect.isEmpty()) {
      throw new OptionException(
          "Parameter 'smb-min-protocol' does not accept value '" + text.get() + "'");
    }
    return dialect;
  }

  private Optional<SmbAccount> account(KeyValueList list) throws OptionException {
    Optional<String> user = list.last("smb-user");
    Optional<String> secret = list.last("smb-password-secret");
    if (user.isEmpty() && secret.isEmpty()) {
      return Optional.empty();
    }
    if (user.isEmpty() || secret.isEmpty()) {
      throw new OptionException(
          "Parameter '" + (user.isEmpty() ? "smb-user" : "smb-password-secret") + "' is missing");
    }
    if (!ACCOUNT_NAME.matcher(user.get()).matches() || !user.get().equals(user.get().strip())) {
      throw new OptionException("Parameter 'smb-user' expects a user name");
    }
    Secret password = secrets.get(secret.get());
    if (password == null) {
      throw new OptionException("No secret with id '" + secret.get() + "'");
    }
    // A file made with an editor ends in a newline that nobody types at a logon.
    return Optional.of(new SmbAccount(user.get(), password.text().replaceFirst("\\r?\\n$", "")));
  }

  private static void refuseUseless(KeyValueList list) throws OptionException {
    for (String key : KEYS) {
      if (list.has(key)) {
        throw new OptionException("'" + key + "' needs a directory to share: add 'smb'");
      }
    }
  }
}
