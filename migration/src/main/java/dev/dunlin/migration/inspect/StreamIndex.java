package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.Configuration;
import dev.dunlin.migration.stream.DeviceSections;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionHeader;
import dev.dunlin.migration.stream.StreamInput;
import dev.dunlin.migration.walk.StreamVisitor;
import dev.dunlin.migration.walk.StreamWalker;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** Everything that a stream holds, less the content of its pages. Made by {@link #read}. */
public final class StreamIndex {
  /** QEMU numbers a dozen. */
  private static final int MAX_NAMES = 4096;

  private final MemoryBudget budget;
  private final Map<String, BlockIndex> blocks = new LinkedHashMap<>();
  private final Map<String, LiveSection> live = new LinkedHashMap<>();
  private final Set<String> disks = new LinkedHashSet<>();
  private final Set<String> bitmaps = new LinkedHashSet<>();
  private final Map<Integer, Long> commands = new TreeMap<>();
  private Optional<Configuration> configuration = Optional.empty();
  private DeviceSections devices = DeviceSections.NONE;
  private boolean footers;
  private long length;

  private StreamIndex(MemoryBudget budget) {
    this.budget = budget;
  }

  /**
   * Reads a stream to its end. Pages that come as differences stay unknown.
   *
   * @see BlockIndex#isContentKnown
   */
  public static StreamIndex read(StreamInput in, MemoryBudget budget) throws LoadException {
    StreamIndex index = new StreamIndex(budget);
    index.walk(in, index.new Visitor());
    return index;
  }

  /** As {@link #read}, with RAM in temporary files, to which differences are applied. */
  public static StreamIndex readKeepingRam(StreamInput in, MemoryBudget budget)
      throws LoadException, IOException {
    StreamIndex index = new StreamIndex(budget);
    try (KeepingVisitor visitor = index.new KeepingVisitor()) {
      index.walk(in, visitor);
    } catch (UncheckedIOException e) {
      throw new IOException("keeping RAM in a temporary file: " + e.getMessage(), e);
    }
    return index;
  }

  private void walk(StreamInput in, StreamVisitor visitor) throws LoadException {
    StreamWalker walker = new StreamWalker(in, visitor);
    walker.walk();
    footers = walker.hasFooters();
    length = devices.sections().isEmpty() ? walker.position() : endOfDevices();
  }

  /** The walker looks for the end of device state, and may read past it. */
  private long endOfDevices() {
    long endMark = devices.sections().get(0).position() + devices.bytes().remaining() + 1;
    return devices
        .description()
        .map(json -> endMark + 1 + Integer.BYTES + json.remaining())
        .orElse(endMark);
  }

  /** A section that comes in parts: {@code ram}. */
  public static final class LiveSection {
    private final SectionHeader header;
    private long parts;
    private long bytes;
    private long begun;

    LiveSection(SectionHeader header) {
      this.header = header;
    }

    /** Of its START. */
    public SectionHeader header() {
      return header;
    }

    /** START, PARTs and END. */
    public long parts() {
      return parts;
    }

    /** All of them, with headers and footers. */
    public long bytes() {
      return bytes;
    }
  }

  public Optional<Configuration> configuration() {
    return configuration;
  }

  public boolean hasFooters() {
    return footers;
  }

  /** Bytes of the whole. */
  public long length() {
    return length;
  }

  public ImmutableList<LiveSection> liveSections() {
    return ImmutableList.copyOf(live.values());
  }

  public ImmutableList<BlockIndex> blocks() {
    return ImmutableList.copyOf(blocks.values());
  }

  public Optional<BlockIndex> block(String idstr) {
    return Optional.ofNullable(blocks.get(idstr));
  }

  /** Whether some block's content isn't known. */
  public boolean hasUnknownContent() {
    return blocks.values().stream().anyMatch(block -> !block.isContentKnown());
  }

  /** Disks that came along ({@code migrate -b}). */
  public ImmutableList<String> disks() {
    return ImmutableList.copyOf(disks);
  }

  public ImmutableList<String> dirtyBitmaps() {
    return ImmutableList.copyOf(bitmaps);
  }

  /** Commands to the destination by number, and how often each came. */
  public Map<Integer, Long> commands() {
    return Map.copyOf(commands);
  }

  public DeviceSections devices() {
    return devices;
  }

  /** What the stream's description says of the devices, in order; empty without one. */
  public List<DeviceShape> shapes() {
    return devices.description().flatMap(DescriptionParser::parse).orElse(ImmutableList.of());
  }

  /** Fills the index. */
  private class Visitor implements StreamVisitor {
    @Override
    public void configuration(Configuration found) {
      configuration = Optional.of(found);
    }

    @Override
    public void begins(SectionHeader section, long position) {
      LiveSection known = live.computeIfAbsent(section.idstr(), absent -> new LiveSection(section));
      known.parts++;
      known.begun = position;
    }

    @Override
    public void ends(SectionHeader section, long position) {
      LiveSection known = live.get(section.idstr());
      if (known != null) {
        known.bytes += position - known.begun;
      }
    }

    @Override
    public void block(String idstr, long size, OptionalLong address) throws LoadException {
      blocks.putIfAbsent(idstr, new BlockIndex(idstr, size, address, budget));
    }

    @Override
    public void page(String block, long offset, ByteBuffer page) throws LoadException {
      of(block).page(offset, page);
    }

    @Override
    public void fill(String block, long offset, byte fill) throws LoadException {
      of(block).fill(offset, fill);
    }

    @Override
    public void xbzrle(String block, long offset, ByteBuffer encoded) throws LoadException {
      of(block).unknownDifference();
    }

    @Override
    public void compressed(String block, long offset, ByteBuffer deflated) throws LoadException {
      of(block).compressedPage(offset, CompressedPage.inflate(deflated));
    }

    @Override
    public void disk(String device, long sector, boolean zero) throws LoadException {
      add(disks, device);
    }

    @Override
    public void dirtyBitmap(String name) {
      if (bitmaps.size() < MAX_NAMES) {
        bitmaps.add(name);
      }
    }

    @Override
    public void command(int command, byte[] data) {
      commands.merge(command, 1L, Long::sum);
    }

    @Override
    public void devices(DeviceSections found) {
      devices = found;
    }

    BlockIndex of(String block) {
      BlockIndex known = blocks.get(block);
      if (known == null) {
        throw new IllegalStateException("a page of " + block + ", which no list has");
      }
      return known;
    }

    private void add(Set<String> names, String name) throws LoadException {
      if (names.add(name) && names.size() > MAX_NAMES) {
        throw LoadException.invalid("More than " + MAX_NAMES + " disks");
      }
    }
  }

  /** Fills the index and keeps RAM. */
  private final class KeepingVisitor extends Visitor implements Closeable {
    private final Map<String, BlockFile> files = new LinkedHashMap<>();

    @Override
    public void page(String block, long offset, ByteBuffer page) throws LoadException {
      super.page(block, offset, page);
      keep(() -> file(block).write(offset, page.duplicate()));
    }

    @Override
    public void fill(String block, long offset, byte fill) throws LoadException {
      super.fill(block, offset, fill);
      keep(() -> file(block).fill(offset, fill));
    }

    @Override
    public void xbzrle(String block, long offset, ByteBuffer encoded) throws LoadException {
      keep(() -> of(block).difference(offset, file(block).change(offset, encoded)));
    }

    @Override
    public void compressed(String block, long offset, ByteBuffer deflated) throws LoadException {
      ByteBuffer page = CompressedPage.inflate(deflated);
      of(block).compressedPage(offset, page);
      keep(() -> file(block).write(offset, page.duplicate()));
    }

    private BlockFile file(String block) throws IOException {
      BlockFile known = files.get(block);
      if (known == null) {
        known = BlockFile.temporary();
        files.put(block, known);
      }
      return known;
    }

    private void keep(FileAction action) throws LoadException {
      try {
        action.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      for (BlockFile file : files.values()) {
        file.close();
      }
    }
  }

  private interface FileAction {
    void run() throws IOException, LoadException;
  }
}
