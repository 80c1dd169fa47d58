package dev.dunlin.slirp.smb;

import java.nio.file.Path;

/**
 * A directory of the host and the name under which a guest sees it.
 *
 * @param directory absolute
 */
public record SmbShare(String name, Path directory) {
  /** What {@code smb=DIR} is called, in QEMU too: {@code \\10.0.2.4\qemu}. */
  public static final String DEFAULT_NAME = "qemu";
}
