package dev.dunlin.slirp.smb;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Bytes;
import dev.dunlin.core.child.ExitStatus;
import dev.dunlin.core.child.RuntimeDirectory;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.slirp.host.ChildWords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Shares served by {@code smbd} from a private directory, which holds its configuration and
 * everything that it writes and goes when the last helper has ended.
 *
 * <p>Their companion is one more smbd, to which nobody speaks. Every smbd forks a daemon for change
 * notification and none waits until there is one; a share asked for before that is refused for want
 * of memory (source3/smbd/notify_msg.c), which on a busy machine happens to one mount in a hundred.
 * Whichever daemon comes first serves all, until its own smbd ends. The companion's is the first,
 * and stays.
 */
final class SambaServer implements SmbServer {
  private static final int SIGTERM = 15;

  /** Samba's databases want four times as much. */
  private static final long LEAST_SPACE = 1 << 20;

  private static final byte[] NOTIFY_DAEMON = "notify-daemon".getBytes(StandardCharsets.US_ASCII);

  private final Path smbd;
  private final SmbSettings settings;
  private final SambaUser user;
  private final RuntimeDirectory directory;
  private boolean closed;

  private SambaServer(Path smbd, SmbSettings settings, SambaUser user, RuntimeDirectory directory) {
    this.smbd = smbd;
    this.settings = settings;
    this.user = user;
    this.directory = directory;
  }

  static SambaServer open(Path smbd, SmbSettings settings, SambaUser user, Path temporary)
      throws IOException {
    RuntimeDirectory directory = RuntimeDirectory.create(temporary);
    try {
      prepare(directory.path(), settings, user);
      return new SambaServer(smbd, settings, user, directory);
    } catch (IOException e) {
      directory.close();
      throw e;
    }
  }

  private static void prepare(Path directory, SmbSettings settings, SambaUser user)
      throws IOException {
    for (SmbShare share : settings.shares()) {
      Files.createSymbolicLink(SambaConfig.link(directory, share), share.directory());
    }
    // Each smbd's log is its own standard error: told while it runs, and no file that grows.
    Files.createSymbolicLink(SambaConfig.log(directory), Path.of("/proc/self/fd/2"));
    if (settings.account().isPresent()) {
      SmbAccount account = settings.account().get();
      write(SambaConfig.passwords(directory), passwordLine(user, account.password()));
      write(SambaConfig.userMap(directory), user.name() + " = \"" + account.name() + "\"\n");
    } else {
      write(SambaConfig.passwords(directory), "");
    }
    write(SambaConfig.file(directory), new SambaConfig(directory, settings, user.name()).text());
  }

  /** smbpasswd(5): no LanMan hash, a normal user, changed at some time. */
  private static String passwordLine(SambaUser user, String password) {
    return "%s:%d:%s:%s:[U          ]:LCT-00000001:%n"
        .formatted(user.name(), user.uid(), "X".repeat(32), NtHash.of(password));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text, StandardOpenOption.WRITE);
  }

  /**
   * In a session of its own: smbd signals its process group when it ends. Not with {@code -i} or
   * {@code -F}: without them, and with a socket as fd 0, it serves that socket and nothing else.
   */
  @Override
  public SpawnRequest helper() throws IOException {
    if (closed) {
      throw new IOException("the share has ended");
    }
    ImmutableList<String> command =
        ImmutableList.<String>builder()
            .addAll(user.prefix())
            .add(smbd.toString())
            .add("-l", directory.path().toString())
            .add("-s", SambaConfig.file(directory.path()).toString())
            .build();
    return SpawnRequest.of(command.toArray(new String[0])).inOwnSession().dyingWithVm();
  }

  @Override
  public Connection started(int pid) throws IOException {
    return directory.use(pid)::close;
  }

  /** smbd ends its whole process group by SIGTERM when its connection ends, itself included. */
  @Override
  public boolean isOrderly(ExitStatus status) {
    return status.equals(new ExitStatus.Exited(0))
        || status.equals(new ExitStatus.Signalled(SIGTERM, false));
  }

  @Override
  public Optional<String> trouble() {
    return settings.shares().stream()
        .flatMap(share -> SharedDirectory.trouble(share.directory()).stream())
        .findFirst()
        .or(this::noSpace);
  }

  private Optional<String> noSpace() {
    try {
      return Files.getFileStore(directory.path()).getUsableSpace() < LEAST_SPACE
          ? Optional.of("No space left for Samba's files in '" + directory.path() + "'")
          : Optional.empty();
    } catch (IOException unknown) {
      return Optional.empty();
    }
  }

  /** In words of the user's: a share's link means nothing to him. */
  @Override
  public ChildWords words() {
    ImmutableMap.Builder<String, String> names = ImmutableMap.builder();
    for (SmbShare share : settings.shares()) {
      names.put(SambaConfig.link(directory.path(), share).toString(), share.directory().toString());
    }
    return new SambaLog(names.buildOrThrow());
  }

  @Override
  public Optional<BooleanSupplier> companion() {
    return Optional.of(this::hasNotifyDaemon);
  }

  /** Its name is entered when it is ready, and never removed. The file has some kilobytes. */
  private boolean hasNotifyDaemon() {
    try {
      byte[] names = Files.readAllBytes(SambaConfig.daemonNames(directory.path()));
      return Bytes.indexOf(names, NOTIFY_DAEMON) >= 0;
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    closed = true;
    directory.close();
  }
}
