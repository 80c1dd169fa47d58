package dev.dunlin.slirp.smb;

/** What a guest must log on with: a name and a password of this network's own. */
public record SmbAccount(String name, String password) {
  @Override
  public String toString() {
    return "SmbAccount[" + name + "]";
  }
}
