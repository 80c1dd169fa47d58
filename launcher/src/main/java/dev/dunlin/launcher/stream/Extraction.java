package dev.dunlin.launcher.stream;

import dev.dunlin.migration.inspect.BlockExtractor;
import dev.dunlin.migration.stream.DeviceSection;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.walk.StreamVisitor;
import dev.dunlin.migration.walk.StreamWalker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code dunlin-stream extract}: one part of a stream, as it is, into a file. */
final class Extraction {
  private final ToolArguments arguments;

  Extraction(ToolArguments arguments) {
    this.arguments = arguments;
  }

  int run() throws ToolException {
    long chosen =
        java.util.stream.Stream.of("block", "device", "description").filter(arguments::has).count();
    if (chosen != 1) {
      throw ToolException.trouble("extract needs one of --block, --device and --description");
    }
    String target = arguments.files().size() > 1 ? arguments.files().get(1) : "-";
    try (StreamFile file = StreamFile.open(arguments.stream());
        OutputFile output = OutputFile.create(target)) {
      Optional<String> block = arguments.value("block");
      if (block.isPresent()) {
        block(file, output, block.get());
      } else {
        write(output, part(file));
      }
      output.finish();
      return 0;
    } catch (StreamFile.BadStream e) {
      throw e.as(ToolException::trouble);
    }
  }

  private static void block(StreamFile file, OutputFile output, String block)
      throws ToolException, StreamFile.BadStream {
    if (output.isSeekable()) {
      requireBlock(file.read(in -> BlockExtractor.extract(in, block, output.channel())), block);
      return;
    }
    try {
      Path spool = Files.createTempFile("dunlin-stream", ".ram");
      try (FileChannel kept =
          FileChannel.open(spool, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        Files.delete(spool);
        requireBlock(file.read(in -> BlockExtractor.extract(in, block, kept)), block);
        for (long at = 0; at < kept.size(); ) {
          at += kept.transferTo(at, kept.size() - at, output.channel());
        }
      }
    } catch (IOException e) {
      throw output.failure(e);
    }
  }

  private static void requireBlock(OptionalLong length, String block) throws ToolException {
    if (length.isEmpty()) {
      throw ToolException.trouble("the stream has no block " + block);
    }
  }

  /** A device's bytes, or the description. */
  private ByteBuffer part(StreamFile file) throws ToolException, StreamFile.BadStream {
    DeviceSections devices = devices(file);
    Optional<String> device = arguments.value("device");
    if (device.isPresent()) {
      return find(devices, device.get())
          .map(DeviceSection::content)
          .orElseThrow(() -> ToolException.trouble("the stream has no device " + device.get()));
    }
    return devices
        .description()
        .orElseThrow(() -> ToolException.trouble("the stream has no description"));
  }

  private static DeviceSections devices(StreamFile file)
      throws ToolException, StreamFile.BadStream {
    return file.read(
        in -> {
          DeviceSections[] found = {DeviceSections.NONE};
          new StreamWalker(
                  in,
                  new StreamVisitor() {
                    @Override
                    public void devices(DeviceSections devices) {
                      found[0] = devices;
                    }
                  })
              .walk();
          return found[0];
        });
  }

  /**
   * {@code NAME} or {@code NAME:INSTANCE}; names have colons of their own, so the whole is tried
   * first.
   */
  private static Optional<DeviceSection> find(DeviceSections devices, String wanted) {
    Optional<DeviceSection> whole = devices.find(wanted, 0);
    int colon = wanted.lastIndexOf(':');
    if (whole.isPresent() || colon < 0) {
      return whole;
    }
    try {
      int instance = Integer.parseUnsignedInt(wanted.substring(colon + 1));
      return devices.find(wanted.substring(0, colon), instance);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static void write(OutputFile output, ByteBuffer bytes) throws ToolException {
    try {
      ByteBuffer left = bytes.duplicate();
      while (left.hasRemaining()) {
        output.channel().write(left);
      }
    } catch (IOException e) {
      throw output.failure(e);
    }
  }
}
