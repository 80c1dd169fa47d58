package dev.dunlin.slirp.smb;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The oldest protocol that a server speaks, by Samba's names for them. */
public enum SmbDialect {
  /** SMB 1: Windows XP and before. Off in Samba since 4.11. */
  NT1,
  SMB2,
  SMB3;

  public static Optional<SmbDialect> parse(String text) {
    return Stream.of(values())
        .filter(dialect -> dialect.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst();
  }
}
