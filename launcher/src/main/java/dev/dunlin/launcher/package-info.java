/** The program: the only place that knows every module. */
@NullMarked
package dev.dunlin.launcher;

import org.jspecify.annotations.NullMarked;
