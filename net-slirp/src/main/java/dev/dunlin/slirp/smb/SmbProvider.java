package dev.dunlin.slirp.smb;

import dev.dunlin.core.cli.OptionException;
import java.io.IOException;

/** Where a user network's shares come from: Samba, or what an embedder plugs in. */
public interface SmbProvider {

  /**
   * Finds out whether {@code settings} can be served, before anything is started; leaves nothing
   * behind.
   *
   * @throws OptionException one sentence that says what to do
   */
  void check(SmbSettings settings) throws OptionException;

  /** Prepares to serve; the first helper may be asked for at once. */
  SmbServer open(SmbSettings settings) throws IOException;
}
