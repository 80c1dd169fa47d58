package dev.dunlin.launcher.stream;

import dev.dunlin.migration.inspect.StreamConverter;
import dev.dunlin.migration.stream.StreamDialect;
import dev.dunlin.migration.stream.StreamOutput;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** {@code dunlin-stream convert}: the same content in another form. */
final class Conversion {
  private Conversion() {}

  static int run(ToolArguments arguments) throws ToolException {
    StreamDialect dialect = dialect(arguments);
    Optional<String> machine = arguments.value("machine");
    if (machine.isPresent() && !dialect.configuration()) {
      throw ToolException.trouble("a stream of pc-0.12 doesn't name its machine");
    }
    try (StreamFile file = StreamFile.open(arguments.stream());
        OutputFile output = OutputFile.create(arguments.files().get(1))) {
      FileChannel channel = output.channel();
      file.read(
          in -> {
            StreamOutput out =
                new StreamOutput(
                    bytes -> {
                      while (bytes.hasRemaining()) {
                        channel.write(bytes);
                      }
                    });
            StreamConverter.convert(in, out, dialect, machine);
            return true;
          });
      output.finish();
      return 0;
    } catch (StreamFile.BadStream e) {
      throw e.as(ToolException::trouble);
    }
  }

  private static StreamDialect dialect(ToolArguments arguments) throws ToolException {
    return switch (arguments.value("to").orElse("")) {
      case "modern" -> StreamDialect.MODERN;
      case "pc-0.12" -> StreamDialect.PC_0_12;
      case "" -> throw ToolException.trouble("convert needs --to modern or --to pc-0.12");
      default ->
          throw ToolException.trouble(
              "--to knows modern and pc-0.12, not " + arguments.value("to").orElse(""));
    };
  }
}
