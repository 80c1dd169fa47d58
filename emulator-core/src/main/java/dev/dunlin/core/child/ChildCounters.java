package dev.dunlin.core.child;

/**
 * How many children there were and what became of them. {@code started} = live + all the others but
 * {@code notStarted}.
 */
public record ChildCounters(
    long started, long succeeded, long failed, long signalled, long lost, long notStarted) {}
