/**
 * RAM on the wire: the live section {@code ram}, version 4.
 *
 * <pre>
 *   START  be64(total | MEM_SIZE) { n idstr be64(length) }*  be64(EOS)
 *   PART   { record }*                                       be64(EOS)
 *   END    { record }*                                       be64(EOS)
 *
 *   record: be64(offset | ZERO | CONTINUE?) [n idstr] fill byte
 *           be64(offset | PAGE | CONTINUE?) [n idstr] 4096 bytes
 * </pre>
 *
 * <p>CONTINUE says that the block is that of the record before, so its name is left out. A page may
 * come any number of times; the last one counts (QEMU migration/ram.c).
 *
 * <p>Theory of operation. {@link dev.dunlin.migration.ram.RamSaver} keeps one bit a page for what
 * is still to be sent. A sync reads and clears the machine's dirty log into these bits; a bit is
 * cleared before its page is read. Whoever writes guest memory marks it dirty after the write, so a
 * page torn while it was read has its bit set again and is sent again: too often at worst, never
 * too seldom. The last sync happens when the guest stands still.
 */
@NullMarked
package dev.dunlin.migration.ram;

import org.jspecify.annotations.NullMarked;
