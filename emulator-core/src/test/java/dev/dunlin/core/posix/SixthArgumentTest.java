package dev.dunlin.core.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * jnr-ffi passes garbage as the sixth of six integer arguments on x86-64. A method with six needs
 * one that isn't an integer; then the sixth arrives.
 */
class SixthArgumentTest {
  private static final int PAGE = 4096;
  private static final int PROT_READ = 1;
  private static final int MAP_PRIVATE = 2;

  /** Its sixth argument, the offset, decides what is seen. */
  public interface Mapping {
    Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

    int munmap(Pointer address, long length);
  }

  @Test
  void six_arguments_arrive_when_one_is_a_pointer(@TempDir Path directory) throws Exception {
    Mapping libc = NativeLibrary.bind(Mapping.class);
    byte[] pages = new byte[4 * PAGE];
    for (int page = 0; page < 4; page++) {
      pages[page * PAGE] = (byte) ('a' + page);
    }
    Path path = Files.write(directory.resolve("pages"), pages);
    try (Fd file = Fd.open(path.toString(), Fcntl.O_RDONLY, 0)) {
      Pointer anywhere = Pointer.wrap(Runtime.getSystemRuntime(), 0L);
      for (int page = 0; page < 4; page++) {
        Pointer mapped =
            libc.mmap(anywhere, PAGE, PROT_READ, MAP_PRIVATE, file.number(), (long) page * PAGE);
        assertNotEquals(-1L, mapped.address());
        assertEquals((byte) ('a' + page), mapped.getByte(0));
        libc.munmap(mapped, PAGE);
      }
    }
  }

  /** Whatever topic is bound, by whomever, must keep clear of the trap. */
  @Test
  void no_bound_method_has_exactly_six_integer_arguments() throws Exception {
    Map<String, Class<?>> topics = topics();
    assertTrue(topics.containsKey("LibcProcess$Calls"), topics::toString);
    for (Class<?> topic : topics.values()) {
      for (Method method : topic.getDeclaredMethods()) {
        List<Class<?>> parameters = List.of(method.getParameterTypes());
        boolean trapped =
            parameters.size() == 6 && parameters.stream().allMatch(Class::isPrimitive);
        assertFalse(trapped, () -> topic.getSimpleName() + "." + method.getName());
      }
    }
  }

  /** The interfaces of this package that are named Libc… or nested in such a class. */
  private static Map<String, Class<?>> topics() throws Exception {
    Path classes =
        Path.of(NativeLibrary.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("dev/dunlin/core/posix");
    Map<String, Class<?>> topics = new TreeMap<>();
    try (Stream<Path> files = Files.list(classes)) {
      for (Path file : files.filter(SixthArgumentTest::isClass).toList()) {
        String name = file.getFileName().toString().replaceFirst("\\.class$", "");
        Class<?> type = Class.forName("dev.dunlin.core.posix." + name);
        if (type.isInterface() && (name.startsWith("Libc") || name.endsWith("$Calls"))) {
          topics.put(name, type);
        }
      }
    }
    return topics;
  }

  private static boolean isClass(Path path) {
    return path.toString().endsWith(".class");
  }
}
