package dev.dunlin.slirp.smb;

import dev.dunlin.core.child.RuntimeDirectory;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.posix.LoopbackPair;
import dev.dunlin.core.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** {@link SmbProvider} by Samba's {@code smbd}, one process a connection, as QEMU has it. */
public final class SambaProvider implements SmbProvider {
  /** Names the program to use: {@code -Ddunlin.smbd=/opt/samba/sbin/smbd}. */
  public static final String PROPERTY = "dunlin.smbd";

  private final Supplier<Optional<Path>> finder;
  private final Path temporary;

  /** Samba as the property names it or as PATH and packages have it; TMPDIR for what it writes. */
  public SambaProvider() {
    this(SambaProvider::installed, RuntimeDirectory.defaultTemporary());
  }

  /**
   * @param finder finds {@code smbd}
   * @param temporary where the private directories go
   */
  public SambaProvider(Supplier<Optional<Path>> finder, Path temporary) {
    this.finder = finder;
    this.temporary = temporary;
  }

  private static Optional<Path> installed() {
    String named = System.getProperty(PROPERTY, "");
    return named.isEmpty()
        ? SambaBinary.find(System.getenv().getOrDefault("PATH", ""))
        : Optional.of(Path.of(named));
  }

  @Override
  public void check(SmbSettings settings) throws OptionException {
    SambaBinary.check(smbd(), SambaUser.current());
    checkLoopback();
    if (!Files.isDirectory(temporary) || !Files.isWritable(temporary)) {
      throw new OptionException(
          "could not create samba server dir: '" + temporary + "' is not a writable directory");
    }
    if (!SambaConfig.isPlain(temporary.toString())) {
      throw new OptionException(
          "could not create samba server dir: Samba's configuration can't hold '"
              + temporary
              + "', set TMPDIR to another directory");
    }
  }

  @Override
  public SmbServer open(SmbSettings settings) throws IOException {
    try {
      return SambaServer.open(smbd(), settings, SambaUser.current(), temporary);
    } catch (OptionException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private Path smbd() throws OptionException {
    return finder
        .get()
        .orElseThrow(() -> new OptionException("could not find 'smbd', please install it"));
  }

  /** In a network namespace of one's own it is down at first. */
  private static void checkLoopback() throws OptionException {
    try {
      LoopbackPair.open().close();
    } catch (PosixException e) {
      throw new OptionException(
          "could not reach smbd over 127.0.0.1: "
              + e.errorText()
              + ", is the loopback interface up?");
    }
  }
}
