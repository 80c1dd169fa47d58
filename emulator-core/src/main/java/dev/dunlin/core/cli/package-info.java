/**
 * QEMU's command-line grammar.
 *
 * <p>Three steps, each of which can refuse what a user wrote before anything is started. {@link
 * dev.dunlin.core.cli.OptionTable} splits the line into options and their arguments and knows which
 * exist. {@link dev.dunlin.core.cli.KeyValueList} splits an argument into its suboptions; {@link
 * dev.dunlin.core.cli.Numbers}, {@link dev.dunlin.core.cli.Sizes} and {@link
 * dev.dunlin.core.cli.Booleans} read their values. {@link dev.dunlin.core.cli.CoreConfig} makes the
 * machine's own options out of them, as each module does with its own.
 *
 * <p>Everything here is immutable, touches no file, and may be used on any thread. Mistakes are
 * {@link dev.dunlin.core.cli.OptionException} with QEMU 7.2's words.
 */
@NullMarked
package dev.dunlin.core.cli;

import org.jspecify.annotations.NullMarked;
