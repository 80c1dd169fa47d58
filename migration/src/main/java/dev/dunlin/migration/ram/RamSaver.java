package dev.dunlin.migration.ram;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.StreamOutput;
import dev.dunlin.ram.DirtyLog;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.RamBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Sends RAM: first every page, then again what was written meanwhile. Its section's framing is the
 * caller's. Migration thread, except {@link #harvest}, which the caller runs at a safepoint while
 * it waits.
 */
public final class RamSaver {
  /** The live section's name and version (QEMU migration/ram.c). */
  public static final String IDSTR = "ram";

  public static final int VERSION = 4;

  private final GuestRam ram;
  private final ImmutableList<BlockSaver> blocks;
  private final Map<RamBlock, BlockSaver> byBlock = new IdentityHashMap<>();
  private final PageRecords records;
  private final StreamOutput out;
  private Optional<Differences> differences = Optional.empty();
  private int current;
  private long syncs;
  private boolean guestStopped;
  private long startOfDowntime;

  public RamSaver(GuestRam ram, StreamOutput out, boolean largestFirst) {
    this(ram, out, largestFirst, Optional.empty());
  }

  /**
   * @param lane where pages that aren't zero go, if not into the stream
   */
  public RamSaver(GuestRam ram, StreamOutput out, boolean largestFirst, Optional<PageLane> lane) {
    this.ram = ram;
    this.out = out;
    this.records = new PageRecords(out, lane);
    List<RamBlock> order = new ArrayList<>(ram.blocks());
    if (largestFirst) {
      order.sort(Comparator.comparingLong(RamBlock::length).reversed());
    }
    long base = 0;
    ImmutableList.Builder<BlockSaver> savers = ImmutableList.builder();
    for (RamBlock block : order) {
      savers.add(new BlockSaver(block, base, records));
      base += block.length();
    }
    this.blocks = savers.build();
    blocks.forEach(block -> byBlock.put(block.block(), block));
  }

  /** Sends pages that come again as what differs; before the first. */
  public void useDifferences(Differences what) {
    differences = Optional.of(what);
    blocks.forEach(block -> block.useDifferences(what));
  }

  /** The content of START: how much RAM, in which blocks. */
  public void saveSetup() throws IOException {
    out.putLong(ram.totalLength() | RamFlags.MEM_SIZE);
    for (BlockSaver block : blocks) {
      out.putCounted(block.block().idstr());
      out.putLong(block.block().length());
    }
    records.endSection();
    blocks.forEach(BlockSaver::markAll);
    syncs = 1;
  }

  /**
   * The content of PART: pages until all are sent or {@code pause} says so; asked after every 64
   * pages or 64 KiB.
   */
  public void saveSome(BooleanSupplier pause) throws IOException {
    sendPages(pause);
    records.endSection();
  }

  /** The content of END: every page that is left. The guest must stand still. */
  public void saveRest(BooleanSupplier abort) throws IOException {
    sendPages(abort);
    records.endSection();
  }

  /**
   * The content of PART: pages that went by reference within the last stretch of the stream once
   * more, by copy. They are no progress and don't count as pages. False when {@code pause} said so
   * first: call it again.
   */
  public boolean repeatRecent(long fromPosition, BooleanSupplier pause) throws IOException {
    long zero = records.zeroPages();
    long normal = records.normalPages();
    boolean all = records.recent().drain(fromPosition, pause, this::sendAgain);
    records.uncount(records.zeroPages() - zero, records.normalPages() - normal);
    records.endSection();
    return all;
  }

  private void sendAgain(RamBlock block, long offset) throws IOException {
    BlockSaver saver = byBlock.get(block);
    if (saver != null) {
      saver.sendAgain(offset);
    }
  }

  /** Reads and clears the machine's dirty log. At a safepoint; the migration thread waits. */
  public void harvest(DirtyLog log) {
    log.harvest(
        (block, offset, length) -> {
          BlockSaver saver = byBlock.get(block);
          if (saver != null) {
            saver.markDirty(offset, length);
          }
        });
    syncs++;
    differences.ifPresent(
        d -> d.nextRound(records.zeroPages() + records.normalPages() + d.counters().pages()));
  }

  /** A sync of a guest that nothing can write: it counts, as QEMU's does, and finds nothing. */
  public void harvestNothing() {
    syncs++;
  }

  /** From now on bytes count as sent during downtime. */
  public void guestStopped() {
    guestStopped = true;
    differences.ifPresent(Differences::lastRound);
    startOfDowntime = records.bytes() + records.laneBytes();
  }

  /** Bytes of memory still to be sent. */
  public long remaining() {
    long pages = 0;
    for (BlockSaver block : blocks) {
      pages += block.remaining();
    }
    return pages << RamBlock.PAGE_SHIFT;
  }

  public RamCounters counters(long dirtyPagesRate) {
    long sent = records.bytes() + records.laneBytes();
    long precopy = guestStopped ? startOfDowntime : sent;
    return new RamCounters(
        ram.totalLength(),
        remaining(),
        sent,
        precopy,
        sent - precopy,
        records.zeroPages(),
        records.normalPages(),
        syncs,
        dirtyPagesRate,
        records.laneBytes());
  }

  /** Goes on where it stopped, block after block and round again, until nothing is left. */
  private void sendPages(BooleanSupplier pause) throws IOException {
    int finished = 0;
    while (finished < blocks.size()) {
      BlockSaver block = blocks.get(current);
      if (!block.send(pause)) {
        return;
      }
      current = (current + 1) % blocks.size();
      finished = block.remaining() == 0 ? finished + 1 : 0;
    }
  }
}
