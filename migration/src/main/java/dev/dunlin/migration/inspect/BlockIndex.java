package dev.dunlin.migration.inspect;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.ram.RamBlock;
import dev.dunlin.ram.ZeroPages;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalLong;

/** A block of RAM as a stream brought it. Filled by a {@link StreamIndex}; one thread. */
public final class BlockIndex {
  private final String idstr;
  private final long length;
  private final OptionalLong address;
  private final PageTable pages;
  private final MessageDigest sha256 = sha256();
  private long normal;
  private long zero;
  private long differences;
  private long compressed;
  private boolean contentKnown = true;

  BlockIndex(String idstr, long length, OptionalLong address, MemoryBudget budget) {
    this.idstr = idstr;
    this.length = length;
    this.address = address;
    this.pages = new PageTable(budget);
  }

  public String idstr() {
    return idstr;
  }

  /** In bytes. */
  public long length() {
    return length;
  }

  /** In guest-physical memory; only streams that leave shared blocks out say it. */
  public OptionalLong address() {
    return address;
  }

  /** Records of a whole page; a page that changed while the guest ran has several. */
  public long normalRecords() {
    return normal;
  }

  /** Records of a page of zeroes. */
  public long zeroRecords() {
    return zero;
  }

  /** Records of a difference (XBZRLE). */
  public long differenceRecords() {
    return differences;
  }

  public long compressedRecords() {
    return compressed;
  }

  /** Pages that came at least once. */
  public long sentPages() {
    return pages.sentPages();
  }

  /** Pages that aren't zero in the end. */
  public long nonzeroPages() {
    return pages.nonzeroPages();
  }

  /** The last page may be shorter than the others. */
  public long totalPages() {
    return length / RamBlock.PAGE_SIZE + (length % RamBlock.PAGE_SIZE == 0 ? 0 : 1);
  }

  /**
   * Whether every page's content is known: differences were applied to what they are differences
   * to.
   */
  public boolean isContentKnown() {
    return contentKnown;
  }

  /**
   * SHA-256 over be64 length and, for each page that isn't zero, in order, be64 page number and the
   * first 16 bytes of the page's SHA-256: equal for equal contents, however they were sent.
   */
  public String digest() {
    MessageDigest all = sha256();
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES);
    all.update(word.putLong(0, length).duplicate());
    pages.forEachNonzero(
        (page, digest) -> {
          all.update(word.putLong(0, page).duplicate());
          all.update(digest);
        });
    return HexFormat.of().formatHex(all.digest());
  }

  /** Runs of pages that aren't the same in both. */
  static ImmutableList<PageRange> differences(BlockIndex left, BlockIndex right) {
    PageRange.Collector ranges = new PageRange.Collector();
    PageTable.forEachDifference(left.pages, right.pages, ranges::add);
    return ranges.ranges();
  }

  void page(long offset, ByteBuffer content) throws LoadException {
    normal++;
    put(offset, content);
  }

  void fill(long offset, byte fill) throws LoadException {
    zero++;
    if (fill == 0) {
      pages.putZero(offset / RamBlock.PAGE_SIZE);
    } else {
      ByteBuffer content = ByteBuffer.allocate(RamBlock.PAGE_SIZE);
      java.util.Arrays.fill(content.array(), fill);
      put(offset, content);
    }
  }

  void difference(long offset, ByteBuffer content) throws LoadException {
    differences++;
    put(offset, content);
  }

  /** A difference to something that isn't here. */
  void unknownDifference() {
    differences++;
    contentKnown = false;
  }

  void compressedPage(long offset, ByteBuffer content) throws LoadException {
    compressed++;
    put(offset, content);
  }

  private void put(long offset, ByteBuffer content) throws LoadException {
    long page = offset / RamBlock.PAGE_SIZE;
    if (ZeroPages.isZeroPage(content, content.position())) {
      pages.putZero(page);
    } else {
      sha256.update(content.duplicate());
      pages.put(page, sha256.digest());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
