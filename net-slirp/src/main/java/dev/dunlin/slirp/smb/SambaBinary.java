package dev.dunlin.slirp.smb;

import com.google.common.collect.ImmutableList;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.FdEvents;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.IoOutcome;
import dev.dunlin.core.posix.PidFd;
import dev.dunlin.core.posix.Pipe;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.core.posix.SpawnRequest;
import dev.dunlin.core.posix.Spawner;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds {@code smbd}, and finds out whether it is Samba's: macOS has another of that name. */
final class SambaBinary {
  /** {@code Version 4.17.12-Debian}: what Samba's prints and no other. */
  private static final Pattern VERSION = Pattern.compile("(?m)^Version [3-9]\\.\\d+\\.\\d+.*$");

  private static final int MOST_OUTPUT = 4096;
  private static final int MOST_READS = 16;
  private static final long PATIENCE_NANOS = 5_000_000_000L;
  private static final int SIGKILL = 9;

  private SambaBinary() {}

  /** In the directories of {@code searchPath}, then where packages put it. */
  static Optional<Path> find(String searchPath) {
    return Stream.concat(
            Stream.of(searchPath.split(":", -1)),
            Stream.of("/usr/sbin", "/usr/local/sbin", "/usr/local/samba/sbin", "/usr/bin"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, "smbd"))
        .filter(SambaBinary::isProgram)
        .findFirst();
  }

  static boolean isProgram(Path file) {
    return Files.isExecutable(file) && !Files.isDirectory(file);
  }

  /** Refuses what doesn't say, when asked, that it is Samba, or can't run as {@code user}. */
  static void check(Path smbd, SambaUser user) throws OptionException {
    if (!isProgram(smbd)) {
      throw new OptionException("could not find '" + smbd + "', please install it");
    }
    String said = askVersion(smbd, ImmutableList.of());
    if (!isSamba(said)) {
      throw new OptionException(
          "'"
              + smbd
              + "' is not Samba's smbd (it says '"
              + firstLine(said)
              + "'), please install Samba");
    }
    if (!user.prefix().isEmpty()) {
      String nested = askVersion(smbd, user.prefix());
      if (!isSamba(nested)) {
        throw new OptionException(
            "could not start smbd: root may not set groups here, and a user namespace for it can't"
                + " be made ("
                + firstLine(nested)
                + "), run as an ordinary user");
      }
    }
  }

  private static boolean isSamba(String said) {
    return VERSION.matcher(said).find();
  }

  private static String firstLine(String said) {
    return said.lines().findFirst().orElse("");
  }

  /** What it says counts, not its exit status, which others in this process could take. */
  private static String askVersion(Path smbd, ImmutableList<String> prefix) throws OptionException {
    String[] command =
        Stream.concat(prefix.stream(), Stream.of(smbd.toString(), "--version"))
            .toArray(String[]::new);
    try (Pipe pipe = Pipe.open()) {
      int end = pipe.writeEnd().number();
      SpawnRequest request = SpawnRequest.of(command).withFds(SpawnRequest.DEV_NULL, end, end);
      try (PidFd child = Spawner.spawn(request)) {
        pipe.writeEnd().close();
        String said = read(pipe.readEnd());
        child.awaitEnd(PATIENCE_NANOS);
        child.signal(SIGKILL);
        child.awaitEnd(-1);
        child.collect();
        return said;
      }
    } catch (PosixException e) {
      throw new OptionException("could not start '" + command[0] + "': " + e.errorText());
    }
  }

  /** Up to the end, or as much as a version and its words can be; who falls silent is cut off. */
  private static String read(Fd output) throws PosixException {
    ByteBuffer bytes = ByteBuffer.allocate(MOST_OUTPUT);
    for (int i = 0; i < MOST_READS && output.await(FdEvents.READ, PATIENCE_NANOS); i++) {
      if (!(output.read(bytes) instanceof IoOutcome.Transferred) || !bytes.hasRemaining()) {
        break;
      }
    }
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
  }
}
