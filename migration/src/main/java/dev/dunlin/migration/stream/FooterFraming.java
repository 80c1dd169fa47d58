package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * Cuts device state into sections where nothing tells their lengths, by their footers. A guest can
 * put anything into a device's state, a footer and a header too. The true cut is always among those
 * that are possible, so when only one is possible it is the true one, and when there are more
 * nobody can know.
 *
 * <p>All cuts are counted from the end backwards: those of a section that starts here are those of
 * whatever can follow each of its possible footers.
 */
final class FooterFraming {
  private static final int MANY = 2;

  /** Ids count devices; larger ones are taken for content. */
  private static final int MAX_SECTION_ID = 0xffff;

  /** No header is longer than this. */
  private static final int REACH = 1 + 4 + 1 + 255 + 4 + 4;

  private final SectionBytes bytes;
  private final int end;

  /** How many cuts there are from a header at a position to the end: 0, 1 or {@link #MANY}. */
  private final byte[] cuts;

  /** By section id: the sum of the cuts after each footer that is {@link #REACH} or more away. */
  private final byte[] afterFooters = new byte[MAX_SECTION_ID + 1];

  /**
   * @param end where the EOF byte is
   */
  FooterFraming(SectionBytes bytes, int end) {
    this.bytes = bytes;
    this.end = end;
    this.cuts = new byte[end + 1];
    cuts[end] = 1;
    for (int at = end - 1; at >= 0; at--) {
      addFooter(at + REACH);
      cuts[at] = cutsFrom(at);
    }
  }

  /** 0, 1, or more. */
  int possibleCuts() {
    return cuts[0];
  }

  private void addFooter(int at) {
    if (at < end && bytes.isFooter(at) && isKnown(bytes.intAt(at + 1))) {
      int section = bytes.intAt(at + 1);
      afterFooters[section] = add(afterFooters[section], cutsAfter(at));
    }
  }

  /** Near footers are looked for, since only those behind the header count. */
  private byte cutsFrom(int at) {
    int content = bytes.contentAfterHeader(at);
    if (content < 0 || !isKnown(bytes.intAt(at + 1)) || !bytes.hasPlainName(at)) {
      return 0;
    }
    int section = bytes.intAt(at + 1);
    byte sum = afterFooters[section];
    for (int near = content; near < Math.min(at + REACH, end) && sum < MANY; near++) {
      if (bytes.isFooter(near, section)) {
        sum = add(sum, cutsAfter(near));
      }
    }
    return sum;
  }

  private byte cutsAfter(int footer) {
    int next = footer + SectionBytes.FOOTER_LENGTH;
    return next <= end ? cuts[next] : 0;
  }

  private static boolean isKnown(int section) {
    return section >= 0 && section <= MAX_SECTION_ID;
  }

  private static byte add(byte a, byte b) {
    return (byte) Math.min(MANY, a + b);
  }

  /** The sections, when there is one way to cut. */
  ImmutableList<DeviceSection> sections(long base) {
    ImmutableList.Builder<DeviceSection> sections = ImmutableList.builder();
    for (int position = 0; position < end; ) {
      Optional<SectionBytes.Header> header = bytes.header(position);
      if (header.isEmpty()) {
        throw new IllegalStateException("no header at " + position);
      }
      int section = header.get().header().section();
      int at = header.get().content();
      while (!bytes.isFooter(at, section) || cutsAfter(at) == 0) {
        at++;
      }
      sections.add(bytes.section(header.get(), position, at, base));
      position = at + SectionBytes.FOOTER_LENGTH;
    }
    return sections.build();
  }
}
