/** Internet addresses as values, read as the C library reads them. */
@NullMarked
package dev.dunlin.slirp.address;

import org.jspecify.annotations.NullMarked;
