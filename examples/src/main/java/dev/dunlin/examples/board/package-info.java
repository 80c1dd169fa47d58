/** A small VMM as another project would have written it: nothing in here knows of Dunlin. */
@NullMarked
package dev.dunlin.examples.board;

import org.jspecify.annotations.NullMarked;
