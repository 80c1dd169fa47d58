package dev.dunlin.migration.walk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.migration.stream.DeviceSection;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.SectionHeader;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that a real QEMU wrote are read whole, and what was cut apart fits together again. */
@RequiresPeer("qemu-system-x86_64")
class StreamWalkerIT {
  private static final int FULL = 4;
  private static final int FOOTER = 0x7e;

  @TempDir Path directory;

  static Stream<List<String>> machines() {
    return Stream.of(
        List.of("-M", "none", "-m", "1M"),
        List.of("-M", "pc", "-m", "16M"),
        List.of("-M", "pc,suppress-vmdesc=on", "-m", "16M"),
        List.of("-M", "pc-i440fx-2.3", "-m", "16M"),
        List.of(
            "-M", "pc", "-m", "16M", "-smp", "2", "-global", "migration.send-configuration=off"),
        List.of(
            "-M",
            "q35",
            "-m",
            "16M",
            "-netdev",
            "user,id=n",
            "-device",
            "virtio-net-pci,netdev=n",
            "-device",
            "virtio-rng-pci",
            "-device",
            "virtio-balloon-pci",
            "-device",
            "qemu-xhci",
            "-device",
            "usb-tablet",
            "-device",
            "virtio-serial-pci",
            "-device",
            "virtio-scsi-pci"),
        List.of("-M", "q35,suppress-vmdesc=on", "-m", "16M", "-device", "virtio-net-pci"),
        List.of("-M", "isapc", "-m", "16M"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("machines")
  void every_section_of_a_real_machine_is_found(List<String> machine) throws Exception {
    byte[] stream = save(machine, Map.of(), List.of());
    RecordingVisitor seen = walk(stream);
    assertEquals(List.of("START ram", "PART ram", "END ram"), seen.sections);
    DeviceSections devices = seen.devices;
    assertTrue(devices.find("timer", 0).isPresent());
    assertTrue(seen.deviceNames().contains("globalstate") || machine.contains("pc-i440fx-2.3"));
    long start = devices.sections().get(0).position();
    boolean footers = !machine.contains("pc-i440fx-2.3");
    assertArrayEquals(
        Arrays.copyOfRange(stream, (int) start, stream.length), together(devices, footers));
  }

  @Test
  void a_name_and_a_uuid_and_capabilities_are_in_the_configuration() throws Exception {
    byte[] stream =
        save(
            List.of("-M", "pc", "-m", "16M", "-uuid", "12345678-1234-1234-1234-123456789abc"),
            Map.of(),
            List.of("validate-uuid", "x-ignore-shared"));
    RecordingVisitor seen = walk(stream);
    assertEquals("pc-i440fx-7.2", seen.configuration.orElseThrow().machineType());
    assertEquals(
        "12345678-1234-1234-1234-123456789abc",
        seen.configuration.orElseThrow().uuid().orElseThrow().toString());
    assertTrue(seen.configuration.orElseThrow().ignoresShared());
    assertEquals(16 << 20, seen.of("pc.ram").length);
  }

  @Test
  void disks_and_their_bitmaps_pass_by() throws Exception {
    Path image = directory.resolve("disk");
    Files.write(image, new byte[3 << 20]);
    List<String> machine =
        List.of(
            "-M",
            "pc",
            "-m",
            "16M",
            "-drive",
            "if=none,id=f,format=raw,file=" + image,
            "-device",
            "virtio-blk-pci,drive=f");
    RecordingVisitor disks = walk(save(machine, Map.of("blk", true), List.of("zero-blocks")));
    assertEquals("START block", disks.sections.get(0));
    assertEquals(
        List.of("f@0 zero", "f@2048 zero", "f@4096 zero"), disks.disk.stream().sorted().toList());
    RecordingVisitor bitmaps = walk(save(machine, Map.of(), List.of("dirty-bitmaps")));
    assertTrue(bitmaps.bitmaps.contains("f/b"), bitmaps.bitmaps.toString());
    assertTrue(bitmaps.deviceNames().contains("0000:00:04.0/virtio-blk"));
  }

  /** The walker must end with the description, whether or not more follows. */
  @Test
  void a_stream_ends_with_its_description_and_not_with_its_channel() throws Exception {
    byte[] stream = save(List.of("-M", "pc", "-m", "16M"), Map.of(), List.of());
    RecordingVisitor seen = new RecordingVisitor();
    ByteBuffer left = ByteBuffer.wrap(stream);
    StreamInput open =
        new StreamInput(
            into -> {
              if (!left.hasRemaining()) {
                throw new AssertionError("asked for more than the stream");
              }
              int piece = Math.min(Math.min(into.remaining(), left.remaining()), 1000);
              into.put(left.slice(left.position(), piece));
              left.position(left.position() + piece);
              return piece;
            });
    new StreamWalker(open, seen).walk();
    assertFalse(seen.deviceNames().isEmpty());
    byte[] more = Arrays.copyOf(stream, stream.length + 64);
    assertEquals(seen.deviceNames(), walk(more).deviceNames());
  }

  private static byte[] together(DeviceSections devices, boolean footers) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (DeviceSection section : devices.sections()) {
      SectionHeader header = section.header();
      byte[] name = header.idstr().getBytes(StandardCharsets.UTF_8);
      out.write(FULL);
      out.writeInt(header.section());
      out.write(name.length);
      out.write(name);
      out.writeInt(header.instance());
      out.writeInt(header.version());
      byte[] content = new byte[section.length()];
      section.content().get(content);
      out.write(content);
      if (footers) {
        out.write(FOOTER);
        out.writeInt(header.section());
      }
    }
    out.write(0);
    if (devices.description().isPresent()) {
      byte[] json = devices.descriptionText().orElseThrow().getBytes(StandardCharsets.UTF_8);
      out.write(6);
      out.writeInt(json.length);
      out.write(json);
    }
    return bytes.toByteArray();
  }

  private static RecordingVisitor walk(byte[] stream) throws Exception {
    RecordingVisitor seen = new RecordingVisitor();
    new StreamWalker(StreamInput.of(ByteBuffer.wrap(stream)), seen).walk();
    return seen;
  }

  private byte[] save(List<String> machine, Map<String, ?> options, List<String> capabilities)
      throws IOException {
    Path file = directory.resolve("saved");
    List<String> arguments = new ArrayList<>(machine);
    arguments.add("-S");
    try (RealQemu real = RealQemu.start(arguments.toArray(String[]::new))) {
      if (capabilities.contains("dirty-bitmaps")) {
        real.qmp().execute("block-dirty-bitmap-add", Map.of("node", "f", "name", "b"));
      }
      real.qmp()
          .execute(
              "migrate-set-capabilities",
              Map.of(
                  "capabilities",
                  capabilities.stream()
                      .map(name -> Map.of("capability", name, "state", true))
                      .toList()));
      Map<String, Object> migrate = new HashMap<>(options);
      migrate.put("uri", "exec:cat >" + file);
      real.qmp().execute("migrate", migrate);
      assertEquals("completed", real.awaitMigration());
    }
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer all = ByteBuffer.allocate((int) channel.size());
      while (channel.read(all) > 0) {}
      return all.array();
    }
  }
}
