package dev.dunlin.core.machine;

/**
 * The file that holds a machine's RAM ({@code memory-backend-file}).
 *
 * @param shared whether the guest's writes go to the file
 */
public record MemoryFile(String path, boolean shared) {}
