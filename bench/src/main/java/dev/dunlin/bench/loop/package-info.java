/**
 * {@code bench/loop}: what a network's loop stands on. Two candidates do the same three things on
 * the same machine in turn: a Selector of NIO with a thread that reads what no Selector takes (a
 * TAP device), and one epoll loop over everything.
 */
@NullMarked
package dev.dunlin.bench.loop;

import org.jspecify.annotations.NullMarked;
