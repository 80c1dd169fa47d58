package dev.dunlin.slirp.smb;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * What a server of shares is to do.
 *
 * @param account empty: every guest is let in without asking, as QEMU does
 * @param oldest the oldest protocol spoken; empty: the server's own default
 */
public record SmbSettings(
    ImmutableList<SmbShare> shares,
    boolean readOnly,
    Optional<SmbAccount> account,
    Optional<SmbDialect> oldest) {}
