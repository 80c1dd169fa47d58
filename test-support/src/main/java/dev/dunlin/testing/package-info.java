/**
 * What the tests of every module share. Real peers are found or named as missing ({@link
 * dev.dunlin.testing.RequiresPeer}), run and always ended ({@link dev.dunlin.testing.RealQemu},
 * {@link dev.dunlin.testing.DunlinProcess}), and spoken to by clients that share no code with what
 * they test ({@link dev.dunlin.testing.HmpClient}, {@link dev.dunlin.testing.QmpClient}). Nothing
 * sleeps for a fixed time: {@link dev.dunlin.testing.Await} polls with a deadline, and {@link
 * dev.dunlin.testing.LeakCheck} counts what is left.
 */
@NullMarked
package dev.dunlin.testing;

import org.jspecify.annotations.NullMarked;
