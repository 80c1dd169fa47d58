package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * Cuts device state into sections by the sizes that the description gives, and checks every cut:
 * each section must have the name and instance that it should and, in streams with footers, the
 * footer of its id. Where a size doesn't lead to the footer (an array whose elements differ is
 * described by its first), the one place is taken at which this section's footer and the next one's
 * header meet.
 */
final class DescribedFraming {
  private final SectionBytes bytes;
  private final int end;
  private final boolean footers;
  private final ImmutableList<DescribedDevice> devices;
  private final Searches searches;
  private final ImmutableList.Builder<DeviceSection> sections = ImmutableList.builder();
  private String failure = "";

  /**
   * @param end where the EOF byte is
   */
  DescribedFraming(
      SectionBytes bytes,
      int end,
      boolean footers,
      ImmutableList<DescribedDevice> devices,
      Searches searches) {
    this.bytes = bytes;
    this.end = end;
    this.footers = footers;
    this.devices = devices;
    this.searches = searches;
  }

  /**
   * How much may be searched for ends that sizes don't lead to, in all attempts at one stream. A
   * search goes over all that is left, and a hostile description asks for one for each of its
   * devices; QEMU's machines have a few such devices.
   */
  static final class Searches {
    /** Bytes looked at: a second or two. */
    private long left = 1L << 30;

    private boolean allow(int bytes) {
      left -= bytes;
      return left >= 0;
    }
  }

  /** Why there are no sections, after {@link #cut} found none. */
  String failure() {
    return failure;
  }

  /** The sections, or empty when they and the description don't belong together. */
  Optional<ImmutableList<DeviceSection>> cut(long base) {
    int position = 0;
    for (int i = 0; i < devices.size(); i++) {
      DescribedDevice device = devices.get(i);
      Optional<SectionBytes.Header> header = bytes.header(position);
      if (header.isEmpty() || !isOf(header.get(), device)) {
        failure = "Expected a section of " + name(device) + " at byte " + (base + position);
        return Optional.empty();
      }
      int contentEnd = endOf(header.get(), i);
      if (contentEnd < 0) {
        failure = "The end of the section of " + name(device) + " can't be told";
        return Optional.empty();
      }
      sections.add(bytes.section(header.get(), position, contentEnd, base));
      position = contentEnd + footerLength();
    }
    if (position != end) {
      failure = "There are sections that the description doesn't have, from " + (base + position);
      return Optional.empty();
    }
    return Optional.of(sections.build());
  }

  private int endOf(SectionBytes.Header header, int index) {
    int content = header.content();
    long size = devices.get(index).size();
    int section = header.header().section();
    if (size <= end - content && isEnd(content + (int) size, section, index)) {
      return content + (int) size;
    }
    return footers && searches.allow(end - content) ? onlyEnd(content, section, index) : -1;
  }

  /** The only end that is possible, or -1. */
  private int onlyEnd(int content, int section, int index) {
    int found = -1;
    for (int at = content; at <= end - SectionBytes.FOOTER_LENGTH; at++) {
      if (isEnd(at, section, index)) {
        if (found >= 0) {
          return -1;
        }
        found = at;
      }
    }
    return found;
  }

  /** Whether what must follow the content of the section at {@code index} is here. */
  private boolean isEnd(int at, int section, int index) {
    if (footers && !bytes.isFooter(at, section)) {
      return false;
    }
    int next = at + footerLength();
    if (index == devices.size() - 1) {
      return next == end;
    }
    Optional<SectionBytes.Header> header = bytes.header(next);
    return header.isPresent() && isOf(header.get(), devices.get(index + 1));
  }

  private int footerLength() {
    return footers ? SectionBytes.FOOTER_LENGTH : 0;
  }

  private static boolean isOf(SectionBytes.Header header, DescribedDevice device) {
    return header.header().idstr().equals(device.idstr())
        && header.header().instance() == device.instance();
  }

  private static String name(DescribedDevice device) {
    return "'" + device.idstr() + "' " + Integer.toUnsignedString(device.instance());
  }
}
