package dev.dunlin.ram;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A second set of bytes for a machine's blocks, where an incoming migration is loaded so that a
 * refused stream leaves the guest as it was: {@link #apply} at the very end makes it the guest's,
 * {@link #close} without it forgets everything.
 *
 * <p>What the stream never mentions keeps what the guest has (QEMU's loader overwrites page by
 * page), so every page remembers whether it was mentioned, and whether with data or as zero. Only
 * mentioned pages cost memory. Applying exchanges the memory of a whole block where it can, or
 * copies each page once. Loading: any thread; apply: while the guest stands still.
 */
public final class StagedRam implements AutoCloseable {
  private final ImmutableList<StagedBacking> staged;
  private final ImmutableList<RamBlock> targets;
  private final GuestRam ram;
  private boolean closed;

  private StagedRam(ImmutableList<StagedBacking> staged, ImmutableList<RamBlock> targets) {
    this.staged = staged;
    this.targets = targets;
    List<RamBlock> blocks = new ArrayList<>();
    for (int i = 0; i < staged.size(); i++) {
      RamBlock target = targets.get(i);
      blocks.add(new RamBlock(target.idstr(), staged.get(i), target.isRom()));
    }
    this.ram = new GuestRam(blocks, PhysicalMap.EMPTY);
  }

  /** Staging over every block of {@code guest}; costs nothing until something is loaded. */
  public static StagedRam over(GuestRam guest, RamFileProvider files) throws IOException {
    List<StagedBacking> staged = new ArrayList<>();
    try {
      for (RamBlock block : guest.blocks()) {
        MappedRam bytes = MappedRam.create(files, block.idstr(), block.length());
        staged.add(new StagedBacking(block.backing(), bytes));
      }
    } catch (IOException | RuntimeException | Error e) {
      staged.forEach(StagedBacking::close);
      throw e;
    }
    return new StagedRam(ImmutableList.copyOf(staged), guest.blocks());
  }

  /**
   * What the guest's memory will be after {@link #apply}: the same blocks, writable, and reading
   * through to the guest where nothing was loaded yet. Zero pages are loaded cheapest with {@link
   * RamBlock#discard}. There are no windows and no physical map.
   */
  public GuestRam ram() {
    return ram;
  }

  /** Moves what was loaded into the guest's memory and closes this. */
  public void apply() {
    if (closed) {
      throw new IllegalStateException("staged RAM was applied or closed before");
    }
    for (int i = 0; i < staged.size(); i++) {
      staged.get(i).applyTo(targets.get(i));
    }
    close();
  }

  /** Forgets what was loaded and not applied. Idempotent. */
  @Override
  public void close() {
    closed = true;
    ram.close();
  }
}
