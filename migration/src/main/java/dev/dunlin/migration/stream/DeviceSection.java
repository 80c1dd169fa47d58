package dev.dunlin.migration.stream;

import java.nio.ByteBuffer;

/**
 * A FULL section whose content only its device understands.
 *
 * @param position where in the stream its first byte is
 * @param content between header and footer; read-only, from position to limit
 */
public record DeviceSection(SectionHeader header, long position, ByteBuffer content) {
  public DeviceSection {
    content = content.asReadOnlyBuffer();
  }

  /** A view of its own, so that readers don't move each other. */
  @Override
  public ByteBuffer content() {
    return content.duplicate();
  }

  public int length() {
    return content.remaining();
  }
}
