/** Children by hand, for deterministic tests of whatever starts helpers. */
@NullMarked
package dev.dunlin.core.child.testing;

import org.jspecify.annotations.NullMarked;
