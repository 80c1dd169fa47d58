/** The monitor: commands, events, sessions. */
@NullMarked
package dev.dunlin.core.monitor;

import org.jspecify.annotations.NullMarked;
