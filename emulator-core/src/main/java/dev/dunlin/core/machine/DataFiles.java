package dev.dunlin.core.machine;

import com.google.common.collect.ImmutableList;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where firmware is looked for: the name as a path, the {@code -L} directories in order, then where
 * distributions keep SeaBIOS and QEMU's files (softmmu/datadir.c).
 */
public final class DataFiles {
  private static final ImmutableList<String> USUAL =
      ImmutableList.of(
          "/usr/share/seabios",
          "/usr/share/qemu",
          "/usr/share/qemu-kvm",
          "/usr/local/share/qemu",
          "/usr/lib/ipxe/qemu");

  private final ImmutableList<String> directories;

  public DataFiles(Iterable<String> first) {
    this.directories = ImmutableList.<String>builder().addAll(first).addAll(USUAL).build();
  }

  /** In the order of the search; what {@code -L help} prints, a line each. */
  public ImmutableList<String> directories() {
    return directories;
  }

  /** The first readable file of that name. */
  public Optional<Path> find(String name) {
    return Stream.concat(
            Stream.of(name), directories.stream().map(directory -> directory + "/" + name))
        .flatMap(DataFiles::path)
        .filter(Files::isReadable)
        .findFirst();
  }

  private static Stream<Path> path(String text) {
    try {
      return Stream.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Stream.empty();
    }
  }
}
