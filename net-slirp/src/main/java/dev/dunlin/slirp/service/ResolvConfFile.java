package dev.dunlin.slirp.service;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The host's resolv.conf, followed while it changes: read again when a query comes and the last
 * look is a second old, as libslirp does. Reading (a small file) is cheaper than any watching of
 * it, and sees a replaced symbolic link too. A file that can't be read counts as empty.
 */
public final class ResolvConfFile implements ResolverList {
  private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

  /** No honest file is longer. */
  private static final int LONGEST = 65_536;

  private final Path path;
  private ResolvConf parsed;
  private long readAt;

  public ResolvConfFile(Path path, long now) {
    this.path = path;
    this.parsed = read();
    this.readAt = now;
  }

  @Override
  public List<Resolver> current(long now) {
    return conf(now).resolvers();
  }

  /** All that the file says. */
  public ResolvConf conf(long now) {
    // Networks whose guests were paused have times of their own, some behind others.
    if (Math.abs(now - readAt) >= INTERVAL) {
      parsed = read();
      readAt = now;
    }
    return parsed;
  }

  private ResolvConf read() {
    if (!Files.isRegularFile(path)) {
      return ResolvConf.parse("");
    }
    try (InputStream in = Files.newInputStream(path)) {
      return ResolvConf.parse(new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return ResolvConf.parse("");
    }
  }
}
