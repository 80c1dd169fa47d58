package dev.dunlin.migration.hostile;

import dev.dunlin.migration.inspect.BlockIndex;
import dev.dunlin.migration.inspect.Converted;
import dev.dunlin.migration.inspect.DeviceContent;
import dev.dunlin.migration.inspect.FieldValue;
import dev.dunlin.migration.inspect.MemoryBudget;
import dev.dunlin.migration.inspect.StreamComparison;
import dev.dunlin.migration.inspect.StreamIndex;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Looks at a stream in every way there is, and checks that the ways agree. */
final class Inspection {
  private Inspection() {}

  /** False when it is no stream. */
  static boolean inspect(byte[] stream) throws IOException {
    try {
      StreamIndex index = read(stream);
      if (index.length() > stream.length) {
        throw new AssertionError(index.length() + " bytes of " + stream.length);
      }
      for (DeviceContent device : DeviceContent.of(index)) {
        device.fields().ifPresent(fields -> fields.forEach(Inspection::look));
      }
      if (!StreamComparison.of(index, read(stream)).isEmpty()) {
        throw new AssertionError("it isn't like itself");
      }
      if (index.hasUnknownContent()) {
        var unused = StreamIndex.readKeepingRam(input(stream), budget());
      }
      return true;
    } catch (LoadException refused) {
      return false;
    } catch (IOException e) {
      // A page behind the end of any file: the block's length is only a claim.
      if (!String.valueOf(e.getMessage()).startsWith("keeping RAM in a temporary file: ")) {
        throw e;
      }
      return false;
    }
  }

  private static void look(FieldValue field) {
    if (field.isNumber() && field.elements() > 0) {
      var unused = field.number(field.elements() - 1);
    }
  }

  /** Into both forms; the modern one must hold the same. */
  static boolean convert(byte[] stream) throws IOException {
    try {
      byte[] modern = Converted.from(stream, StreamDialect.MODERN, Optional.of("none"));
      List<String> before = read(stream).blocks().stream().map(BlockIndex::digest).toList();
      List<String> after = read(modern).blocks().stream().map(BlockIndex::digest).toList();
      if (!before.equals(after)) {
        throw new AssertionError(before + " became " + after);
      }
      var unused = Converted.from(stream, StreamDialect.PC_0_12, Optional.empty());
      return true;
    } catch (LoadException refused) {
      return false;
    }
  }

  private static StreamIndex read(byte[] stream) throws LoadException {
    return StreamIndex.read(input(stream), budget());
  }

  private static StreamInput input(byte[] stream) {
    return StreamInput.of(ByteBuffer.wrap(stream));
  }

  private static MemoryBudget budget() {
    return new MemoryBudget(4 << 20);
  }
}
