package dev.dunlin.slirp.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.slirp.wire.TftpPacket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DirectoryFilesTest {
  @TempDir Path directory;
  private Path root = Path.of("");
  private DirectoryFiles files = new DirectoryFiles(root);

  @BeforeEach
  void make_tree() throws IOException {
    root = Files.createDirectories(directory.resolve("root"));
    Files.createDirectories(root.resolve("sub"));
    Files.writeString(root.resolve("sub/boot"), "inside");
    Files.writeString(directory.resolve("secret"), "outside");
    Files.createDirectories(directory.resolve("root2"));
    Files.writeString(directory.resolve("root2/secret"), "outside");
    Files.createSymbolicLink(root.resolve("out"), directory.resolve("secret"));
    Files.createSymbolicLink(root.resolve("outdir"), directory);
    Files.createSymbolicLink(root.resolve("in"), root.resolve("sub/boot"));
    Files.createSymbolicLink(root.resolve("dangling"), root.resolve("nothing"));
    Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));
    files = new DirectoryFiles(root);
  }

  private String read(String name) throws Exception {
    try (FileSource.OpenFile file = files.open(name)) {
      ByteBuffer into = ByteBuffer.allocate((int) file.size() + 10);
      file.read(0, into);
      return new String(into.array(), 0, into.position(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sub/boot",
        "/sub/boot",
        "//sub//boot",
        "sub\\boot",
        "\\sub\\boot",
        "in",
        "sub/../in"
      })
  void names_that_lead_inside_are_served(String name) throws Exception {
    assertEquals("inside", read(name));
  }

  @ParameterizedTest
  @CsvSource({
    "../secret, 2",
    "..\\secret, 2",
    "/../secret, 2",
    "sub/../../secret, 2",
    "../root2/secret, 2",
    "out, 2",
    "outdir/secret, 2",
    "dangling, 1",
    "loop, 2",
    "nothing, 1",
    "sub, 1",
    "sub/boot/x, 2",
    ".., 2",
    "., 1",
    "/, 1",
    "c:\\secret, 1",
  })
  void names_that_lead_outside_or_nowhere_are_denied(String name, int code) {
    FileSource.Denied denied = assertThrows(FileSource.Denied.class, () -> read(name));
    assertEquals(code, denied.code());
  }

  @Test
  void empty_name_and_nul_are_not_found() {
    for (String name : new String[] {"", "a\0b"}) {
      FileSource.Denied denied = assertThrows(FileSource.Denied.class, () -> read(name));
      assertEquals(TftpPacket.ERROR_NOT_FOUND, denied.code());
    }
  }

  @Test
  void root_that_is_itself_a_link_is_followed() throws Exception {
    Files.createSymbolicLink(directory.resolve("alias"), root);
    files = new DirectoryFiles(directory.resolve("alias"));
    assertEquals("inside", read("sub/boot"));
  }

  @Test
  void reads_start_anywhere_and_stop_at_the_end() throws Exception {
    try (FileSource.OpenFile file = files.open("sub/boot")) {
      ByteBuffer into = ByteBuffer.allocate(4);
      file.read(4, into);
      assertArrayEquals(new byte[] {'d', 'e', 0, 0}, into.array());
      file.close();
    }
  }
}
