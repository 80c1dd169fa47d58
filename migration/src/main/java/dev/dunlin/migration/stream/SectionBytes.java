package dev.dunlin.migration.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Device sections in memory: what may be a header or a footer, and where. */
final class SectionBytes {
  static final int FOOTER_LENGTH = 5;

  private final byte[] bytes;
  private final int length;
  private final ByteBuffer view;

  SectionBytes(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
    this.view = ByteBuffer.wrap(bytes, 0, length);
  }

  int length() {
    return length;
  }

  int at(int position) {
    return bytes[position] & 0xff;
  }

  int intAt(int position) {
    return view.getInt(position);
  }

  /** A header and where its content begins. */
  record Header(SectionHeader header, int content) {}

  /** The FULL section's header at a position, if there can be one. */
  Optional<Header> header(int position) {
    int content = contentAfterHeader(position);
    if (content < 0) {
      return Optional.empty();
    }
    int nameLength = at(position + 5);
    String idstr = new String(bytes, position + 6, nameLength, StandardCharsets.UTF_8);
    SectionHeader header =
        new SectionHeader(
            SectionType.FULL, intAt(position + 1), idstr, intAt(content - 8), intAt(content - 4));
    return Optional.of(new Header(header, content));
  }

  /** Where the content of a section that starts here begins, or -1 when none can start here. */
  int contentAfterHeader(int position) {
    if (position > length - 6 || at(position) != SectionType.FULL) {
      return -1;
    }
    int nameLength = at(position + 5);
    int content = position + 6 + nameLength + 8;
    return nameLength == 0 || content > length ? -1 : content;
  }

  /** Whether every byte of the name in the header at {@code position} is printable ASCII. */
  boolean hasPlainName(int position) {
    int end = position + 6 + at(position + 5);
    for (int i = position + 6; i < end; i++) {
      if (bytes[i] < ' ' || bytes[i] > '~') {
        return false;
      }
    }
    return true;
  }

  /** Whether a footer is here, of whichever section. */
  boolean isFooter(int position) {
    return position >= 0
        && position <= length - FOOTER_LENGTH
        && at(position) == SectionType.FOOTER;
  }

  boolean isFooter(int position, int section) {
    return isFooter(position) && intAt(position + 1) == section;
  }

  DeviceSection section(Header header, int start, int end, long base) {
    ByteBuffer content = view.slice(header.content(), end - header.content());
    return new DeviceSection(header.header(), base + start, content);
  }

  ByteBuffer slice(int from, int count) {
    return view.slice(from, count).asReadOnlyBuffer();
  }
}
