package dev.dunlin.core.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretTest {
  @TempDir Path temp;

  private static Map<String, Secret> read(String... words) throws OptionException {
    ParsedOptions options = OptionTable.of(CoreOptions.specs()).parse(List.of(words));
    CoreConfig.read(options, java.util.Set.of());
    return Secret.read(options);
  }

  @Test
  void a_secret_comes_from_the_line_or_from_a_file_raw_or_in_base64() throws Exception {
    Path raw = Files.writeString(temp.resolve("raw"), "from a file\n");
    Path coded = Files.writeString(temp.resolve("coded"), "ZnJvbSBiYXNl\nNjQ=\n");
    Map<String, Secret> secrets =
        read(
            "-object",
            "secret,id=a,data=s,,1",
            "-object",
            "secret,id=b,file=" + raw,
            "-object",
            "secret,id=c,format=base64,file=" + coded);
    assertEquals(
        List.of("s,1", "from a file\n", "from base64"),
        secrets.values().stream().map(Secret::text).toList());
    assertFalse(secrets.toString().contains("s,1"), "a log doesn't tell it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secret,id=s",
        "secret,id=s,data=x,file=y",
        "secret,id=s,file=/nosuch",
        "secret,id=s,data=a,format=foo",
        "secret,id=s,data=*,format=base64",
        "secret,data=a",
        "secret,id=1s,data=a",
        "secret,id=s,data=a,foo=b",
        "secret,id=s,data=a -object secret,id=s,data=b",
      })
  @RequiresPeer("qemu-system-x86_64")
  void a_wrong_secret_is_refused_with_the_words_of_a_real_qemu(String line) {
    String[] words = ("-M none -object " + line).split(" ");
    ChildProcess.Result real = RealQemu.run(Duration.ofSeconds(30), words);
    // A transcript has a character for each byte; GLib's quotes have three.
    String stderr = new String(real.stderr().getBytes(ISO_8859_1), UTF_8);
    String said = stderr.replace("qemu-system-x86_64: ", "").stripTrailing();
    assertEquals(said, assertThrows(OptionException.class, () -> read(words)).getMessage());
  }
}
