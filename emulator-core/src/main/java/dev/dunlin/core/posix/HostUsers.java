package dev.dunlin.core.posix;

import java.util.Optional;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/**
 * Who we are, as the user database has it. Through jnr-posix, whose start takes half a second: ask
 * only when somebody needs the answer, as {@code smb=} does.
 */
public final class HostUsers {
  private HostUsers() {}

  public static int effectiveUid() {
    return Holder.USERS.geteuid();
  }

  public static int effectiveGid() {
    return Holder.USERS.getegid();
  }

  /** The login name behind a user id; empty when the database doesn't know it. */
  public static Optional<String> nameOf(int uid) {
    Passwd entry = Holder.USERS.getpwuid(uid);
    return Optional.ofNullable(entry).map(Passwd::getLoginName);
  }

  private static final class Holder {
    static final POSIX USERS = POSIXFactory.getNativePOSIX();

    private Holder() {}
  }
}
