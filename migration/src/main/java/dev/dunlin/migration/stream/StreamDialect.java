package dev.dunlin.migration.stream;

/**
 * What writer and reader of a stream must agree on beforehand, since the stream doesn't say it.
 *
 * @param configuration a CONFIGURATION section with the machine's name follows the header
 * @param footers every section ends with its footer
 * @param vmDescription a JSON description follows EOF
 * @param blockSections a live section "block" (of no disks) goes before RAM in every round
 * @param firstLiveSection section id of "block"; "ram" has the next one
 * @param largestBlockFirst RAM blocks are declared by size, as QEMU does since 2.x, not in the
 *     machine's order
 */
public record StreamDialect(
    boolean configuration,
    boolean footers,
    boolean vmDescription,
    boolean blockSections,
    int firstLiveSection,
    boolean largestBlockFirst) {

  /** QEMU 7.2's. */
  public static final StreamDialect MODERN = new StreamDialect(true, true, true, false, 1, true);

  /** qemu-kvm 0.12's, as an strace of it shows. */
  public static final StreamDialect PC_0_12 =
      new StreamDialect(false, false, false, true, 3, false);

  /** Blocks in the order in which the machine has them. */
  public StreamDialect inGivenOrder() {
    return new StreamDialect(
        configuration, footers, vmDescription, blockSections, firstLiveSection, false);
  }

  /** With {@code ram} under this id. */
  public StreamDialect withRamSection(int section) {
    return new StreamDialect(
        configuration, footers, vmDescription, blockSections, section - 1, largestBlockFirst);
  }

  /** What QEMU says of no disks: that all is done. qemu-kvm 0.12 says nothing. */
  public boolean reportsDiskProgress() {
    return largestBlockFirst;
  }

  public int blockSection() {
    return firstLiveSection;
  }

  public int ramSection() {
    return firstLiveSection + 1;
  }

  /**
   * Section id of the n-th device: QEMU 7.2 has globalstate at 4, after block, ram and
   * dirty-bitmap.
   */
  public int deviceSection(int index) {
    return firstLiveSection + 3 + index;
  }

  public StreamDialect withConfiguration(boolean on) {
    return new StreamDialect(
        on, footers, vmDescription, blockSections, firstLiveSection, largestBlockFirst);
  }

  public StreamDialect withFooters(boolean on) {
    return new StreamDialect(
        configuration, on, vmDescription, blockSections, firstLiveSection, largestBlockFirst);
  }

  public StreamDialect withVmDescription(boolean on) {
    return new StreamDialect(
        configuration, footers, on, blockSections, firstLiveSection, largestBlockFirst);
  }

  public StreamDialect withBlockSections(boolean on) {
    return new StreamDialect(
        configuration, footers, vmDescription, on, firstLiveSection, largestBlockFirst);
  }
}
