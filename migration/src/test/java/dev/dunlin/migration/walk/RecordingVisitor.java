package dev.dunlin.migration.walk;

import dev.dunlin.migration.ram.Xbzrle;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionHeader;
import dev.dunlin.migration.stream.SectionType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Keeps all that a walker tells, memory as it stands after the last page. */
public final class RecordingVisitor implements StreamVisitor {
  public Optional<Configuration> configuration = Optional.empty();
  public final List<String> sections = new ArrayList<>();
  public final Map<String, byte[]> memory = new LinkedHashMap<>();
  public final List<String> disk = new ArrayList<>();
  public final List<String> bitmaps = new ArrayList<>();
  public DeviceSections devices = DeviceSections.NONE;
  public long pages;
  public long differences;

  @Override
  public void configuration(Configuration found) {
    configuration = Optional.of(found);
  }

  @Override
  public void begins(SectionHeader section, long position) {
    String type =
        switch (section.type()) {
          case SectionType.START -> "START ";
          case SectionType.PART -> "PART ";
          default -> "END ";
        };
    if (sections.isEmpty() || !sections.get(sections.size() - 1).equals(type + section.idstr())) {
      sections.add(type + section.idstr());
    }
  }

  @Override
  public void block(String idstr, long length, OptionalLong address) {
    memory.put(idstr, new byte[(int) length]);
  }

  @Override
  public void page(String block, long offset, ByteBuffer page) {
    page.get(of(block), (int) offset, page.remaining());
    pages++;
  }

  @Override
  public void fill(String block, long offset, byte fill) {
    Arrays.fill(of(block), (int) offset, (int) offset + 4096, fill);
  }

  @Override
  public void xbzrle(String block, long offset, ByteBuffer encoded) throws LoadException {
    byte[] page = Arrays.copyOfRange(of(block), (int) offset, (int) offset + 4096);
    if (!Xbzrle.decode(encoded, page)) {
      throw LoadException.invalid("bad difference");
    }
    System.arraycopy(page, 0, of(block), (int) offset, page.length);
    differences++;
  }

  @Override
  public void disk(String device, long sector, boolean zero) {
    disk.add(device + "@" + sector + (zero ? " zero" : ""));
  }

  @Override
  public void dirtyBitmap(String name) {
    bitmaps.add(name);
  }

  @Override
  public void devices(DeviceSections found) {
    devices = found;
  }

  public List<String> deviceNames() {
    return devices.sections().stream().map(section -> section.header().idstr()).toList();
  }

  public byte[] of(String block) {
    return java.util.Objects.requireNonNull(memory.get(block), block);
  }
}
