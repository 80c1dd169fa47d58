/**
 * The commands that every emulator has, in both monitors, and the module that brings them and opens
 * the monitors which the command line asks for. One class a topic; each gets what it works on
 * through its constructor and registers itself.
 */
@NullMarked
package dev.dunlin.core.monitor.builtin;

import org.jspecify.annotations.NullMarked;
