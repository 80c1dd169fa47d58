package dev.dunlin.migration.inspect;

/**
 * What a stream's description says of a device.
 *
 * @param instance unsigned
 */
public record DeviceShape(String idstr, int instance, StateShape state) {}
