package dev.dunlin.core.machine;

/** A RAM block before it is allocated. */
public record BlockSpec(String idstr, long length, boolean rom) {}
