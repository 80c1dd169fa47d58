package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;

/**
 * Fields and subsections of a device, of a structure in it, or of a subsection.
 *
 * @param name the description's; empty for devices that QEMU's vmstate doesn't describe
 */
public record StateShape(
    String name,
    long version,
    ImmutableList<FieldShape> fields,
    ImmutableList<StateShape> subsections) {}
