package dev.dunlin.migration.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dunlin.migration.stream.StreamBytes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What two streams don't have alike, and nothing else. */
class StreamComparisonTest {
  private static List<Difference> compare(StreamBytes left, StreamBytes right) throws Exception {
    return StreamComparison.of(StreamIndexTest.read(left), StreamIndexTest.read(right));
  }

  private static StreamBytes plain() {
    return StreamBytes.ofBlock("ram", 8192);
  }

  @Test
  void a_stream_is_like_itself_however_it_was_sent() throws Exception {
    assertEquals(List.of(), compare(plain().eof(), plain().eof()));
    StreamBytes twice = StreamBytes.header().configuration("none").ramStart("ram", 8192L);
    twice.ramPart(part -> part.zero("ram", 4096).page("ram", 0, (byte) 9));
    twice.ramPart(part -> part.page("ram", 0, (byte) 1)).ramEnd().eof();
    assertEquals(List.of(), compare(plain().eof(), twice));
  }

  @Test
  void machines_lengths_and_pages_are_told() throws Exception {
    StreamBytes other =
        StreamBytes.header().configuration("pc").ramStart("ram", 12288L, "rom", 4096L);
    other.ramPart(part -> part.page("ram", 8192, (byte) 1)).ramEnd().eof();
    assertEquals(
        List.of(
            new Difference.Value("machine", Optional.of("none"), Optional.of("pc")),
            new Difference.Value("block ram length", Optional.of("0x2000"), Optional.of("0x3000")),
            new Difference.Pages(
                "ram",
                2,
                3,
                com.google.common.collect.ImmutableList.of(
                    new PageRange(0, 1), new PageRange(2, 1))),
            new Difference.Value("block rom length", Optional.empty(), Optional.of("0x1000"))),
        compare(plain().eof(), other));
  }

  @Test
  void bytes_that_nothing_describes_are_compared_as_bytes() throws Exception {
    StreamBytes left = plain().device("a", new byte[] {1, 2, 3}).device("b", new byte[0]).eof();
    StreamBytes right = plain().device("a", new byte[] {1, 9, 9}).device("c", new byte[0]).eof();
    assertEquals(
        List.of(
            new Difference.Bytes("a 0", 3, 3, 1, 2),
            new Difference.Value("device b 0 version", Optional.of("1"), Optional.empty()),
            new Difference.Value("device c 0 version", Optional.empty(), Optional.of("1"))),
        compare(left, right));
  }
}
