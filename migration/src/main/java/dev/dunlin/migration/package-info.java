/**
 * Moving a machine: out to a stream and in from one.
 *
 * <p>Theory of operation. {@link dev.dunlin.migration.OutgoingMigration} and {@link
 * dev.dunlin.migration.IncomingMigration} live on the loop thread: they own the status, answer the
 * monitor and change the machine's run state. The work is done by a thread of its own per migration
 * ({@link dev.dunlin.migration.MigrationJob}), which asks the loop for what is the loop's and waits
 * for the answer or for the abort signal, whichever comes first.
 *
 * <pre>
 *   loop:  start ── setup ─────────── active ──────── stop guest ─────────── run state, totals, status
 *            │        ▲                 ▲                ▲                     ▲   (in this order)
 *   job:     └─ open, START ── PART, sync, PART ... ── END, devices, finish ──┘
 * </pre>
 *
 * <p>What a user can see is changed in one task of the loop: run state and totals first, then the
 * status, then the event. Nobody can find {@code completed} beside figures that still move, nor
 * start the next migration in between.
 */
@NullMarked
package dev.dunlin.migration;

import org.jspecify.annotations.NullMarked;
