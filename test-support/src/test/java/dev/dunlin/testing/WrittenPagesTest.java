package dev.dunlin.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WrittenPagesTest {
  private static final int PAGE = 4096;

  @TempDir Path directory;
  private Path first = Path.of("");
  private byte[] memory = {};

  @BeforeEach
  void fill() throws IOException {
    first = directory.resolve("first");
    WrittenPages.fill(first, 4);
    memory = Files.readAllBytes(first);
  }

  private long count(int... writes) throws IOException {
    for (int i = 0; i < writes.length; i++) {
      memory[i * PAGE] = (byte) writes[i];
    }
    return WrittenPages.count(first, Files.write(directory.resolve("now"), memory));
  }

  @Test
  void memory_as_it_is_between_two_writes_is_counted() throws IOException {
    assertEquals(0, count(0, 0, 0, 0));
    assertEquals(2, count(1, 1, 0, 0));
    assertEquals(4, count(1, 1, 1, 1));
    assertEquals(801, count(201, 200, 200, 200));
  }

  @Test
  void a_page_of_an_older_instant_shows() {
    assertThrows(AssertionError.class, () -> count(2, 1, 2, 1));
    assertThrows(AssertionError.class, () -> count(3, 2, 1, 1));
    assertThrows(AssertionError.class, () -> count(3, 1, 1, 1));
    assertThrows(AssertionError.class, () -> count(0, 1, 1, 1));
  }

  @Test
  void a_page_with_strange_bytes_shows() {
    memory[3 * PAGE + 4095]++;
    assertThrows(AssertionError.class, () -> count(1, 1, 1, 1));
  }

  @Test
  void memory_of_another_size_is_no_memory_of_this_range() {
    memory = new byte[PAGE];
    assertThrows(AssertionError.class, () -> count(0));
  }
}
