package dev.dunlin.launcher.stream;

import com.google.common.collect.ImmutableList;
import dev.dunlin.launcher.PlainLogging;
import dev.dunlin.launcher.VisibleOutput;
import dev.dunlin.migration.inspect.Difference;
import dev.dunlin.migration.inspect.MemoryBudget;
import dev.dunlin.migration.inspect.StreamComparison;
import dev.dunlin.migration.inspect.StreamIndex;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program {@code dunlin-stream}. */
public final class StreamTool {
  private static final int BUFFER = 1 << 16;

  private final PrintStream out;

  private StreamTool(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] arguments) {
    PlainLogging.install();
    PrintStream out =
        new PrintStream(
            new VisibleOutput(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER)),
            false,
            StandardCharsets.UTF_8);
    int status;
    try {
      status = new StreamTool(out).run(List.of(arguments));
    } catch (ToolException e) {
      out.flush();
      new PrintStream(new VisibleOutput(System.err), true, StandardCharsets.UTF_8)
          .println("dunlin-stream: " + e.getMessage());
      status = e.status();
    }
    out.flush();
    System.exit(status);
  }

  private int run(List<String> arguments) throws ToolException {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      out.print(ToolHelp.TEXT);
      return 0;
    }
    if (arguments.contains("--version")) {
      out.println("dunlin-stream of Dunlin " + ToolHelp.version());
      return 0;
    }
    ToolArguments parsed = ToolArguments.parse(arguments);
    return switch (parsed.verb()) {
      case PRINT -> print(parsed);
      case VERIFY -> verify(parsed);
      case EXTRACT -> new Extraction(parsed).run();
      case COMPARE -> compare(parsed);
      case CONVERT -> Conversion.run(parsed);
    };
  }

  private int print(ToolArguments arguments) throws ToolException {
    StreamIndex index = index(arguments.stream(), true, 1);
    if (arguments.has("json")) {
      new PrintedJson(out).print(index);
    } else {
      new PrintedText(out, !arguments.has("no-fields"), arguments.has("full")).print(index);
    }
    return 0;
  }

  private int verify(ToolArguments arguments) throws ToolException {
    try (StreamFile file = StreamFile.open(arguments.stream())) {
      Verification verification = Verification.of(file);
      if (arguments.has("json")) {
        out.println(verification.json());
        return verification.isGood() ? 0 : ToolException.NO;
      }
      verification.notes().forEach(note -> out.println("note: " + note));
      if (!verification.isGood()) {
        throw ToolException.no(file.name() + ": " + verification.verdict());
      }
      out.println(file.name() + ": " + verification.verdict());
      return 0;
    }
  }

  private int compare(ToolArguments arguments) throws ToolException {
    if (arguments.files().stream().filter(ToolArguments.STDIN::equals).count() > 1) {
      throw ToolException.trouble("stdin can only be one of the two streams");
    }
    StreamIndex left = index(arguments.files().get(0), false, 2);
    StreamIndex right = index(arguments.files().get(1), false, 2);
    ImmutableList<Difference> differences = StreamComparison.of(left, right);
    PrintedDifferences printed = new PrintedDifferences(out, arguments.has("full"));
    if (arguments.has("json")) {
      printed.json(differences);
    } else {
      printed.text(differences);
    }
    return differences.isEmpty() ? 0 : ToolException.NO;
  }

  /**
   * All of a stream. Pages sent as differences need those before them: a file is read once more for
   * that, a pipe can't be.
   *
   * @param unknownWillDo whether it is worth showing without the content of such pages
   * @param streams how many are remembered at once
   */
  private static StreamIndex index(String name, boolean unknownWillDo, int streams)
      throws ToolException {
    try (StreamFile file = StreamFile.open(name)) {
      StreamIndex index = file.read(in -> StreamIndex.read(in, MemoryBudget.ofJvm(streams)));
      if (!index.hasUnknownContent()) {
        return index;
      }
      if (file.isRegular()) {
        return file.read(in -> StreamIndex.readKeepingRam(in, MemoryBudget.ofJvm(streams)));
      }
      if (unknownWillDo) {
        return index;
      }
      throw ToolException.trouble(
          file.name()
              + ": pages were sent as differences (XBZRLE), which only a file can be searched for:"
              + " save the stream into one first");
    } catch (StreamFile.BadStream e) {
      throw e.as(ToolException::trouble);
    }
  }
}
