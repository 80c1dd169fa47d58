/**
 * Ethernet frames as every link and every network of an emulator hands them on.
 *
 * <p>A {@link dev.dunlin.core.net.frame.Frame} is one packet with its offload metadata; it comes
 * from a loop's {@link dev.dunlin.core.net.frame.FramePool}, has exactly one owner at any time and
 * leaves through a {@link dev.dunlin.core.net.frame.FramePort}. {@link
 * dev.dunlin.core.net.frame.VnetHeader} carries the metadata over links that have room for it.
 */
@NullMarked
package dev.dunlin.core.net.frame;

import org.jspecify.annotations.NullMarked;
