/**
 * A real guest as the judge of a user network. {@link dev.dunlin.launcher.guest.GuestTrial} is a
 * program that runs in a host network of its own ({@link dev.dunlin.testing.OwnNetwork}): it starts
 * the host's side ({@link dev.dunlin.launcher.guest.HostPeers}), the network under trial on one
 * {@link dev.dunlin.launcher.guest.Wiring}, and a Linux guest, then makes every check of {@link
 * dev.dunlin.launcher.guest.GuestChecks} and prints a verdict for each. The tests turn verdicts
 * into results; a check without a verdict has failed. QEMU's own network goes through the same
 * trial, so that the checks are known to be fair.
 */
@NullMarked
package dev.dunlin.launcher.guest;

import org.jspecify.annotations.NullMarked;
