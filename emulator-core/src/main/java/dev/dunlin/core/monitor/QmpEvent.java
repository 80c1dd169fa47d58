package dev.dunlin.core.monitor;

import com.google.common.collect.ImmutableList;

/** An event of the machine monitor, for the schema. */
public record QmpEvent(String name, ImmutableList<QmpCommand.Parameter> data) {}
