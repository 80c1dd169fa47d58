package dev.dunlin.core.machine;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import dev.dunlin.core.machine.MachineLayout.Mapping;
import dev.dunlin.testing.RealQemu;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a real QEMU says of its memory before firmware runs, without what a stream need not list:
 * cards' option ROMs and fw_cfg's blocks.
 */
record RealLayout(ImmutableList<String> blocks, ImmutableList<Mapping> mappings) {
  private static final Pattern BLOCK =
      Pattern.compile("\\s*(\\S+)\\s+4 KiB\\s+0x\\S+\\s+0x(\\S+)\\s+0x\\S+");

  private static final Pattern PIECE =
      Pattern.compile(
          "\\s*([0-9a-f]{16})-([0-9a-f]{16}) \\(prio \\d+, (ram|rom)\\): (\\S+)(?: @(\\S+))?.*");

  static RealLayout of(String... arguments) {
    List<String> line = new ArrayList<>(List.of("-S"));
    line.addAll(List.of(arguments));
    try (RealQemu qemu = RealQemu.start(line.toArray(new String[0]))) {
      return new RealLayout(
          blocks(qemu.qmp().human("info ramblock")), mappings(qemu.qmp().human("info mtree -f")));
    }
  }

  private static ImmutableList<String> blocks(String text) {
    return text.lines()
        .map(BLOCK::matcher)
        .filter(Matcher::matches)
        .filter(m -> isInEveryStream(m.group(1)))
        .map(m -> m.group(1) + "=" + Long.toHexString(Long.parseLong(m.group(2), 16)))
        .collect(ImmutableList.toImmutableList());
  }

  private static boolean isInEveryStream(String idstr) {
    return idstr.equals("pc.rom") || !(idstr.startsWith("/rom@") || idstr.endsWith(".rom"));
  }

  /** The flat view called {@code memory}; QEMU lists it once, maybe under several names. */
  private static ImmutableList<Mapping> mappings(String text) {
    Set<Mapping> found = new LinkedHashSet<>();
    for (String view : Splitter.on("FlatView #").split(text)) {
      if (view.contains("AS \"memory\", root:")) {
        view.lines().map(PIECE::matcher).filter(Matcher::matches).forEach(m -> found.add(piece(m)));
      }
    }
    return ImmutableList.copyOf(found);
  }

  private static Mapping piece(Matcher piece) {
    long start = Long.parseLong(piece.group(1), 16);
    long end = Long.parseLong(piece.group(2), 16) + 1;
    long offset = piece.group(5) == null ? 0 : Long.parseLong(piece.group(5), 16);
    return new Mapping(start, end - start, piece.group(4), offset);
  }
}
