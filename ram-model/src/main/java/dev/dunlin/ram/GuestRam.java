package dev.dunlin.ram;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/**
 * All memory of one machine: its blocks in declaration order (the order in which the seed's stream
 * lists them), the map of guest-physical addresses, and the dirty log. Immutable in shape, but that
 * a machine which holds another's guest gets its shape once, with that guest ({@link #awaited}).
 * Any thread.
 */
public final class GuestRam implements AutoCloseable {
  private record Shape(ImmutableMap<String, RamBlock> blocks, PhysicalMap physical) {
    static Shape of(Iterable<RamBlock> blocks, PhysicalMap physical) {
      ImmutableMap.Builder<String, RamBlock> byName = ImmutableMap.builder();
      for (RamBlock block : blocks) {
        byName.put(block.idstr(), block);
      }
      Shape shape = new Shape(byName.buildOrThrow(), physical);
      for (PhysicalMap.Region region : physical.regions()) {
        checkArgument(
            shape.blocks.containsValue(region.block()),
            "%s is mapped but not part of this machine",
            region);
      }
      return shape;
    }
  }

  private final DirtyLog dirtyLog;
  private final long limit;
  private volatile Shape shape;
  private volatile boolean awaited;

  public GuestRam(Iterable<RamBlock> blocks, PhysicalMap physical) {
    this(Shape.of(blocks, physical), false, 0);
  }

  /** With the VMM's own dirty log. */
  public GuestRam(Iterable<RamBlock> blocks, PhysicalMap physical, DirtyLog dirtyLog) {
    this.shape = Shape.of(blocks, physical);
    this.dirtyLog = dirtyLog;
    this.limit = totalLength();
  }

  private GuestRam(Shape shape, boolean awaited, long limit) {
    this.shape = shape;
    this.awaited = awaited;
    this.dirtyLog = new BitmapDirtyLog(this::blocks);
    this.limit = awaited ? limit : totalLength();
  }

  /** Memory that {@link #arrive} brings, at most {@code limit} bytes in all. */
  public static GuestRam awaited(long limit) {
    return new GuestRam(Shape.of(ImmutableList.of(), PhysicalMap.EMPTY), true, limit);
  }

  /** Whether the blocks are still to come. */
  public boolean isAwaited() {
    return awaited;
  }

  /** The most bytes that all blocks together may have. */
  public long limit() {
    return limit;
  }

  /** Gives awaited memory its blocks, which belong to it from now on. */
  public synchronized void arrive(Iterable<RamBlock> blocks, PhysicalMap physical) {
    checkState(awaited, "this machine's memory is there already");
    shape = Shape.of(blocks, physical);
    awaited = false;
  }

  /** The blocks in declaration order. */
  public ImmutableList<RamBlock> blocks() {
    return shape.blocks.values().asList();
  }

  public Optional<RamBlock> block(String idstr) {
    return Optional.ofNullable(shape.blocks.get(idstr));
  }

  public PhysicalMap physical() {
    return shape.physical;
  }

  /** Reads and writes by guest-physical address. */
  public PhysicalMemory memory() {
    return new PhysicalMemory(physical());
  }

  public DirtyLog dirtyLog() {
    return dirtyLog;
  }

  /** Sum of all block lengths in bytes. */
  public long totalLength() {
    return blocks().stream().mapToLong(RamBlock::length).sum();
  }

  @Override
  public void close() {
    blocks().forEach(block -> block.backing().close());
  }
}
