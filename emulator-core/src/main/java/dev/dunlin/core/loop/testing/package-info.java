/**
 * Time and readiness by hand, for the deterministic tests of everything that lives on a loop, here
 * and in an embedder's own tests.
 */
@NullMarked
package dev.dunlin.core.loop.testing;

import org.jspecify.annotations.NullMarked;
