/**
 * Device state: FULL sections. A device is described field by field, as in QEMU ({@link
 * dev.dunlin.migration.vmstate.VmState}), or it is a versioned blob that only its own code
 * understands ({@link dev.dunlin.migration.vmstate.SaveStateHandler}).
 *
 * <pre>
 *   VmState           name, version, minimum version
 *     Step            StateField (presence, count, Element) or Validation, in stream order
 *     subsections     05 n name be32(version) fields, after the fields; sent when needed
 *     hooks           preSave; preLoad, postLoad
 *   StateEntry        a section: DescribedState (VmState + the device) or OpaqueState (a handler)
 *   VmStateRegistry   all of a machine, in order of priority
 * </pre>
 *
 * <p>Loading has two phases. While the stream is read, each entry reads into an object of its own
 * and checks it; nothing is applied before the whole stream was found good. Then devices are
 * applied, RAM after them (a device's load may wipe RAM), and last comes {@code afterLoad}.
 *
 * <p>What a stream's counts ask for is bounded by the description ({@code BoundedCount}), and bytes
 * are only kept as they arrive.
 */
@NullMarked
package dev.dunlin.migration.vmstate;

import org.jspecify.annotations.NullMarked;
