/** {@code dunlin-stream} as users run it, on streams of a real QEMU. */
@NullMarked
package dev.dunlin.launcher.stream;

import org.jspecify.annotations.NullMarked;
