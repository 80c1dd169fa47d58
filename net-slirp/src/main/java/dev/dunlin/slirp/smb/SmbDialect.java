package dev.dunlin.slirp.smb;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The oldest protocol that a server speaks: a family of them, from its first dialect on. */
public enum SmbDialect {
  /** SMB 1: Windows XP and before. Off in Samba since 4.11. */
  NT1("NT1"),
  SMB2("SMB2_02"),
  SMB3("SMB3_00");

  private final String first;

  SmbDialect(String first) {
    this.first = first;
  }

  /** In Samba's words, for which a family's name is that of its newest dialect (smb.conf(5)). */
  String first() {
    return first;
  }

  public static Optional<SmbDialect> parse(String text) {
    return Stream.of(values())
        .filter(dialect -> dialect.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst();
  }
}
