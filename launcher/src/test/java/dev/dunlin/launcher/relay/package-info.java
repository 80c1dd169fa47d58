/** Guests of real QEMUs that stop over in Dunlin. */
@NullMarked
package dev.dunlin.launcher.relay;

import org.jspecify.annotations.NullMarked;
