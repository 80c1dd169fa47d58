/** One emulator: its parts, the modules plugged into it, and its life from options to exit. */
@NullMarked
package dev.dunlin.core;

import org.jspecify.annotations.NullMarked;
