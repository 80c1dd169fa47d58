package dev.dunlin.migration.inspect;

import java.util.Optional;

/**
 * What a stream's description says of one field.
 *
 * @param type QEMU's name: {@code uint32}, {@code buffer}
 * @param size bytes of one element
 * @param count elements of an array that is described once, else 1
 * @param index place of this element in an array whose elements are described one by one, or -1
 * @param struct what it consists of, if that is described
 */
public record FieldShape(
    String name, String type, long size, long count, long index, Optional<StateShape> struct) {}
