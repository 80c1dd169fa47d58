package dev.dunlin.launcher.stream;

import static dev.dunlin.launcher.stream.SavedMachine.list;
import static dev.dunlin.launcher.stream.SavedMachine.named;
import static dev.dunlin.launcher.stream.SavedMachine.printed;
import static dev.dunlin.launcher.stream.SavedMachine.shell;
import static dev.dunlin.launcher.stream.SavedMachine.tool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.testing.ChildProcess;
import dev.dunlin.testing.Json;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code dunlin-stream} says of a real QEMU's streams, and what it makes of them. */
@RequiresPeer("qemu-system-x86_64")
final class StreamToolIT {
  private static final int LOW_MEMORY = 640 * 1024;

  @TempDir static Path directory;
  private static Path pc = Path.of("");
  private static Path changed = Path.of("");
  private static Path q35 = Path.of("");
  private static String memory = "";

  @BeforeAll
  static void save() {
    pc = directory.resolve("pc");
    changed = directory.resolve("changed");
    q35 = directory.resolve("q35");
    memory = SavedMachine.save(pc, "-M", "pc", "-m", "16M");
    SavedMachine.save(
        changed,
        "-M",
        "pc",
        "-m",
        "16M",
        "-device",
        "loader,addr=0x5004,data=0x2a,data-len=4",
        "-rtc",
        "base=2001-02-03");
    SavedMachine.save(
        q35,
        "-M",
        "q35",
        "-m",
        "16M",
        "-device",
        "virtio-net-pci",
        "-device",
        "virtio-rng-pci",
        "-device",
        "qemu-xhci",
        "-device",
        "usb-tablet",
        "-device",
        "virtio-serial-pci");
  }

  @Test
  void devices_are_printed_field_by_field() {
    Map<String, Object> all = printed(pc);
    assertEquals("pc-i440fx-7.2", SavedMachine.member(all, "configuration", "machine"));
    Map<?, ?> pit = named(all, "devices", "i8254");
    assertEquals(3L, pit.get("version"));
    List<String> fields = list(pit, "fields").stream().map(Json::write).toList();
    assertTrue(
        fields.contains("{\"name\":\"channels[1].count\",\"type\":\"int32\",\"value\":65536}"),
        fields.toString());
    assertTrue(
        list(named(all, "devices", "fw_cfg"), "fields").stream()
            .anyMatch(field -> "fw_cfg/dma: dma_addr".equals(((Map<?, ?>) field).get("name"))));
    for (Map<?, ?> device : List.of(printed(q35), all)) {
      assertTrue(list(device, "devices").size() > 30);
      assertTrue(
          list(device, "devices").stream()
              .allMatch(one -> ((Map<?, ?>) one).containsKey("fields")));
    }
    String text = tool(pc).stdout();
    assertTrue(text.startsWith("Stream of " + pc.toFile().length() + " bytes"), text);
    assertTrue(Pattern.compile("channels\\[1\\].count +int32 +65536").matcher(text).find(), text);
  }

  @Test
  void a_stranger_s_name_can_t_steer_the_terminal() throws Exception {
    byte[] bytes = Files.readAllBytes(pc);
    String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("pc.ram", "\u001b[31mX");
    Path odd = directory.resolve("odd");
    Files.writeString(odd, text, StandardCharsets.ISO_8859_1);
    String shown = tool(odd).stdout();
    assertTrue(shown.contains("\\u001b[31mX") && shown.indexOf('\u001b') < 0, shown);
    String said = tool("extract", "--block", "\u001b[0m", pc, directory.resolve("no")).stderr();
    assertEquals("dunlin-stream: the stream has no block \\u001b[0m\n", said);
  }

  @Test
  void a_block_is_extracted_as_the_machine_had_it() throws Exception {
    Path ram = directory.resolve("ram");
    assertEquals(0, tool("extract", "--block", "pc.ram", pc, ram).exitStatus());
    assertEquals(16 << 20, Files.size(ram));
    byte[] bytes = Files.readAllBytes(ram);
    Path low = Files.write(directory.resolve("low"), Arrays.copyOf(bytes, LOW_MEMORY));
    assertEquals(memory, Sha256.of(low));
    ChildProcess.Result piped = shell("cat " + pc + " | $t extract --block=pc.bios - | sha256sum");
    Path bios = directory.resolve("bios");
    assertEquals(0, tool("extract", "--block", "pc.bios", pc, bios).exitStatus());
    assertEquals(Sha256.of(bios), piped.stdout().substring(0, 64));
    assertEquals(
        "dunlin-stream: the stream has no block nosuch\n",
        tool("extract", "--block", "nosuch", pc, directory.resolve("no")).stderr());
    assertFalse(Files.exists(directory.resolve("no")));
    assertFalse(Files.exists(directory.resolve("no.partial")));
  }

  @Test
  void a_device_and_the_description_are_extracted() throws Exception {
    Path second = directory.resolve("second-pic");
    assertEquals(0, tool("extract", "--device", "i8259:1", pc, second).exitStatus());
    Map<?, ?> pic =
        list(printed(pc), "devices").stream()
            .map(device -> (Map<?, ?>) device)
            .filter(
                device ->
                    "i8259".equals(device.get("name"))
                        && Long.valueOf(1).equals(device.get("instance")))
            .findFirst()
            .orElseThrow();
    assertEquals(pic.get("sha256"), Sha256.of(second));
    Path colons = directory.resolve("vga");
    assertEquals(0, tool("extract", "--device", "0000:00:02.0/vga", pc, colons).exitStatus());
    assertTrue(Files.size(colons) > 1000);
    ChildProcess.Result json = tool("extract", "--description", pc);
    assertTrue(Json.readObject(json.stdout()).containsKey("devices"));
  }

  @Test
  void verify_says_where_a_stream_goes_bad() throws Exception {
    assertEquals(0, tool("verify", q35).exitStatus());
    byte[] bytes = Files.readAllBytes(pc);
    Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(bytes, 300_000));
    ChildProcess.Result truncated = tool("verify", cut);
    assertEquals(1, truncated.exitStatus());
    assertTrue(
        truncated.stderr().startsWith("dunlin-stream: " + cut + ": bad at byte 29"),
        truncated.stderr());
    assertTrue(truncated.stderr().contains("the stream ended after 300000 bytes"));
    bytes[40] ^= 1;
    Path bad = Files.write(directory.resolve("spoiled"), bytes);
    assertEquals(1, tool("verify", bad).exitStatus());
    assertEquals(2, tool("print", bad).exitStatus());
    Path longer =
        Files.write(
            directory.resolve("longer"), Arrays.copyOf(Files.readAllBytes(pc), bytes.length + 7));
    assertTrue(tool("verify", longer).stdout().startsWith("note: 7 bytes after the end"));
    assertEquals(1, shell("printf QEVM | $t verify").exitStatus());
    assertEquals(
        "dunlin-stream: stdin: bad at byte 0: it is empty\n",
        shell("$t verify </dev/null").stderr());
  }

  @Test
  void compare_names_the_pages_and_fields_that_changed() {
    ChildProcess.Result same = tool("compare", pc, pc);
    assertEquals(0, same.exitStatus());
    assertEquals("", same.stdout());
    ChildProcess.Result result = tool("compare", pc, changed);
    assertEquals(1, result.exitStatus());
    assertTrue(
        result.stdout().contains("block pc.ram: 1 of 4096 pages differ: 0x5000-0x5fff\n"),
        result.stdout());
    assertTrue(
        Pattern.compile("device mc146818rtc 0: base_rtc: 0x[0-9a-f]+ and 0x[0-9a-f]+\n")
            .matcher(result.stdout())
            .find(),
        result.stdout());
    ChildProcess.Result other = shell("cat " + q35 + " | $t compare --json " + pc + " -");
    assertEquals(1, other.exitStatus());
    List<?> differences = (List<?>) Json.read(other.stdout());
    assertTrue(
        String.valueOf(differences)
            .contains("{what=machine, left=pc-i440fx-7.2, right=pc-q35-7.2}"),
        other.stdout());
  }

  @Test
  void a_converted_stream_is_loaded_by_a_real_qemu() {
    Path old = directory.resolve("old");
    assertEquals(0, tool("convert", "--to", "pc-0.12", pc, old).exitStatus());
    assertEquals(
        memory,
        load(
            old,
            "-M",
            "pc,suppress-vmdesc=on",
            "-global",
            "migration.send-configuration=off",
            "-global",
            "migration.send-section-footer=off"));
    Path described = directory.resolve("described");
    SavedMachine.save(described, "-M", "pc-i440fx-2.3", "-m", "16M");
    Path modern = directory.resolve("modern");
    assertEquals(
        0,
        shell(
                "cat "
                    + described
                    + " | $t convert --to modern --machine pc-i440fx-2.3 - - >"
                    + modern)
            .exitStatus());
    assertEquals(
        memory,
        load(
            modern,
            "-M",
            "pc-i440fx-2.3",
            "-global",
            "migration.send-configuration=on",
            "-global",
            "migration.send-section-footer=on"));
    assertEquals(0, tool("verify", modern).exitStatus());
    assertEquals(
        "dunlin-stream: %s: bad at byte".formatted(described),
        tool("convert", "--to", "modern", described, directory.resolve("none"))
            .stderr()
            .replaceAll(" \\d+: .*\n", ""));
    assertFalse(Files.exists(directory.resolve("none")));
  }

  private static String load(Path stream, String... machine) {
    List<String> arguments = new java.util.ArrayList<>(List.of(machine));
    arguments.addAll(List.of("-m", "16M", "-S", "-incoming", "exec:cat " + stream));
    try (RealQemu qemu = RealQemu.start(arguments.toArray(String[]::new))) {
      assertEquals("completed", qemu.awaitMigration());
      return qemu.sha256(0, LOW_MEMORY);
    }
  }

  @Test
  void pages_that_come_as_differences_are_put_together() throws Exception {
    Path live = directory.resolve("xbzrle");
    String written = SavedMachine.saveWritten(directory, live, "xbzrle");
    for (int attempt = 1; attempt < 10 && differences(live) == 0; attempt++) {
      written = SavedMachine.saveWritten(directory, live, "xbzrle");
    }
    assertTrue(differences(live) > 0, "QEMU sent no page twice");
    Path ram = directory.resolve("xbzrle-ram");
    assertEquals(0, shell("cat " + live + " | $t extract --block pc.ram - " + ram).exitStatus());
    Path low =
        Files.write(
            directory.resolve("xbzrle-low"), Arrays.copyOf(Files.readAllBytes(ram), LOW_MEMORY));
    assertEquals(written, Sha256.of(low));
    assertEquals(0, tool("compare", live, live).exitStatus());
    assertTrue(
        shell("cat " + live + " | $t compare - " + live)
            .stderr()
            .contains("save the stream into one first"));
  }

  private static long differences(Path stream) {
    return SavedMachine.number(named(printed(stream), "blocks", "pc.ram"), "xbzrle-records");
  }

  @Test
  void compressed_pages_are_put_together() throws Exception {
    Path live = directory.resolve("compressed");
    String written = SavedMachine.saveWritten(directory, live, "compress");
    Map<?, ?> block = named(printed(live), "blocks", "pc.ram");
    assertTrue(SavedMachine.number(block, "compressed-records") > 0, block.toString());
    Path ram = directory.resolve("compressed-ram");
    assertEquals(0, tool("extract", "--block", "pc.ram", live, ram).exitStatus());
    Path low =
        Files.write(
            directory.resolve("compressed-low"),
            Arrays.copyOf(Files.readAllBytes(ram), LOW_MEMORY));
    assertEquals(written, Sha256.of(low));
  }

  @Test
  void mistakes_are_one_sentence_and_status_2() {
    assertMistake("verify has no option --full; see dunlin-stream --help", "verify", "--full", pc);
    assertMistake("/nonexistent: No such file or directory", "/nonexistent");
    assertMistake(directory + ": Is a directory", directory);
    assertMistake("compare takes 2 files; see dunlin-stream --help", "compare", pc);
    assertMistake("stdin can only be one of the two streams", "compare", "-", "-");
    assertMistake(
        "extract needs one of --block, --device and --description", "extract", pc, "/dev/null");
    assertMistake("convert needs --to modern or --to pc-0.12", "convert", pc, "/dev/null");
    assertMistake("--block needs a value", "extract", pc, "--block");
    assertMistake(
        "/nonexistent/f: No such file or directory",
        "extract",
        "--block",
        "pc.ram",
        pc,
        "/nonexistent/f");
    assertEquals(0, tool("--help").exitStatus());
  }

  private static void assertMistake(String sentence, Object... arguments) {
    ChildProcess.Result result = tool(arguments);
    assertEquals("dunlin-stream: " + sentence + "\n", result.stderr());
    assertEquals("", result.stdout());
    assertEquals(2, result.exitStatus());
  }
}
