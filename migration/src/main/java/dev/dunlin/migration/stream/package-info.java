/**
 * The savevm stream, version 3, as bytes: who frames sections, who takes the frames apart.
 *
 * <p>Theory of operation (QEMU migration/savevm.c and docs/devel/migration.rst describe the
 * format):
 *
 * <pre>
 *   "QEVM" be32(3)
 *   [ 07 be32(n) machine name ]                                    CONFIGURATION  (modern)
 *   01 be32(id) n idstr be32(instance) be32(version) ... [footer]  START, once per live section
 *   02 be32(id) ...                                      [footer]  PART, any number of rounds
 *   03 be32(id) ...                                      [footer]  END, guest stopped
 *   04 be32(id) n idstr be32(instance) be32(version) ... [footer]  FULL, one per device
 *   00                                                             EOF
 *   [ 06 be32(n) JSON ]                                            VMDESCRIPTION  (modern)
 *
 *   footer: 7e be32(id)        after START, PART, END and FULL only  (modern)
 * </pre>
 *
 * <p>Nothing in the bracketed places can be told from the stream itself: writer and reader must
 * agree, which is what a {@link dev.dunlin.migration.stream.StreamDialect} says. A section has no
 * length, so a reader can't skip one that it doesn't know.
 *
 * <p>The reader behaves past the end of a truncated stream as QEMU's does (zero bytes and an error
 * that sticks), since that decides which message a user sees.
 */
@NullMarked
package dev.dunlin.migration.stream;

import org.jspecify.annotations.NullMarked;
