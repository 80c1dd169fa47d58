/**
 * What a stream holds, without a machine: for {@code dunlin-stream} and for any other program.
 *
 * <pre>
 *   StreamIndex        all of a stream: framing, live sections, blocks, devices
 *     BlockIndex       a block of RAM: which pages came, and a digest of each
 *     DeviceShape      what the description says of a device
 *     FieldValue       what its bytes are, by that
 *   StreamComparison   two of these
 *   BlockExtractor     one block's content, into a file
 *   StreamConverter    the same content in another form
 * </pre>
 *
 * <p>Everything stands on {@link dev.dunlin.migration.walk.StreamWalker}, so streams come from
 * pipes as well as from files, and the order of pages doesn't matter. RAM isn't kept: 16 bytes for
 * each page that isn't zero are, up to a bound. Only pages that are sent as a difference to earlier
 * ones (XBZRLE) need those, and then a sparse temporary file.
 */
@NullMarked
package dev.dunlin.migration.inspect;

import org.jspecify.annotations.NullMarked;
