package dev.dunlin.ram;

import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Where blocks appear in the guest's physical address space; regions don't overlap. Immutable. */
public final class PhysicalMap {
  public static final PhysicalMap EMPTY = new PhysicalMap(ImmutableList.of());

  private final ImmutableList<Region> regions;

  public PhysicalMap(Collection<Region> regions) {
    this.regions = ImmutableList.sortedCopyOf(Comparator.comparingLong(Region::address), regions);
    for (int i = 1; i < this.regions.size(); i++) {
      Region before = this.regions.get(i - 1);
      if (before.end() > this.regions.get(i).address()) {
        throw new IllegalArgumentException(before + " overlaps " + this.regions.get(i));
      }
    }
  }

  /** Sorted by address. */
  public ImmutableList<Region> regions() {
    return regions;
  }

  /** The region that holds the address, if any memory answers there. */
  public Optional<Region> find(long address) {
    return atOrAfter(address).filter(region -> region.address() <= address);
  }

  /** The region that holds the address, or else the next one above it. */
  Optional<Region> atOrAfter(long address) {
    if (address < 0) {
      return Optional.empty();
    }
    int low = 0;
    int high = regions.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (regions.get(middle).end() <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == regions.size() ? Optional.empty() : Optional.of(regions.get(low));
  }

  /**
   * {@code length} bytes of {@code block} from {@code offset} that appear at guest-physical {@code
   * address}. Addresses end at 2^63, far above what a machine has.
   */
  public record Region(long address, long length, RamBlock block, long offset) {
    public Region {
      if (address < 0
          || length <= 0
          || address > Long.MAX_VALUE - length
          || offset < 0
          || offset > block.length() - length) {
        throw new IllegalArgumentException(
            "region 0x"
                + Long.toHexString(address)
                + " +0x"
                + Long.toHexString(length)
                + " of "
                + block);
      }
    }

    /** The first address after the region. */
    public long end() {
      return address + length;
    }
  }
}
