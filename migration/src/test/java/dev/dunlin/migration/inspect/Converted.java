package dev.dunlin.migration.inspect;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.stream.StreamOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Streams in memory, converted. */
public final class Converted {
  private Converted() {}

  public static byte[] from(byte[] stream, StreamDialect dialect, Optional<String> machine)
      throws LoadException, IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StreamOutput out =
        new StreamOutput(
            some -> {
              byte[] copy = new byte[some.remaining()];
              some.get(copy);
              bytes.writeBytes(copy);
            });
    StreamConverter.convert(StreamInput.of(ByteBuffer.wrap(stream)), out, dialect, machine);
    return bytes.toByteArray();
  }
}
