package dev.dunlin.migration.stream;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The end of a stream from its first device section on. Only the description at the very end says
 * how long the sections are, and a pipe can't be read twice, so all of it is kept, within a bound,
 * until it can be cut into sections.
 *
 * <p>The description is found by what precedes it (EOF, its type, its length) and proved by what it
 * says: every section that it describes must be there. So nothing depends on the other side closing
 * its end, nor on what may follow.
 */
final class DeviceTail {
  /** The most that is kept. QEMU's pc has 100 KiB of state and a description of 100 KiB. */
  static final int MAX_BYTES = 64 << 20;

  private static final int MAX_DESCRIPTION = 16 << 20;
  private static final int FIRST_BYTES = 1 << 20;

  /** EOF, type and length before the description's JSON. */
  private static final int BEFORE_JSON = 1 + 1 + 4;

  /** Places that look like a description's beginning; more than these are no accident. */
  private static final int MAX_CANDIDATES = 64;

  private final StreamInput in;
  private final long base;
  private final boolean footers;
  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;
  private int scanned;
  private final List<Integer> candidates = new ArrayList<>();
  private final DescribedFraming.Searches searches = new DescribedFraming.Searches();
  private String failure = "";

  private DeviceTail(StreamInput in, boolean footers) {
    this.in = in;
    this.base = in.position();
    this.footers = footers;
  }

  /** Reads from the first device section's type byte on. */
  static DeviceSections read(StreamInput in, boolean footers) throws LoadException {
    return new DeviceTail(in, footers).read();
  }

  /** Reads a description that no device section precedes, from its length on. */
  static DeviceSections readDescription(StreamInput in) throws LoadException {
    int length = in.getInt();
    if (length < 0 || length > MAX_DESCRIPTION) {
      throw LoadException.invalid(
          "A description of %s bytes".formatted(Integer.toUnsignedString(length)));
    }
    byte[] json = in.take(length);
    in.check();
    return new DeviceSections(
        ImmutableList.of(), ByteBuffer.allocate(0), Optional.of(ByteBuffer.wrap(json)));
  }

  private DeviceSections read() throws LoadException {
    while (readMore()) {
      Optional<DeviceSections> devices = describedDevices();
      if (devices.isPresent()) {
        return devices.get();
      }
    }
    if (!failure.isEmpty()) {
      throw LoadException.invalid(failure);
    }
    return undescribedDevices();
  }

  private boolean readMore() throws LoadException {
    if (length == bytes.length) {
      if (length == MAX_BYTES) {
        throw LoadException.invalid(
            "More than %d MiB of device state, which is the most that is kept"
                .formatted(MAX_BYTES >> 20));
      }
      bytes = Arrays.copyOf(bytes, Math.min(MAX_BYTES, 2 * length));
    }
    int more = in.getSome(bytes, length, bytes.length - length);
    length += Math.max(0, more);
    return more >= 0;
  }

  /** Tries every place that looks like a description and is complete, once. */
  private Optional<DeviceSections> describedDevices() throws LoadException {
    SectionBytes view = new SectionBytes(bytes, length);
    for (; scanned <= length - BEFORE_JSON - 1; scanned++) {
      if (isCandidate(view, scanned)) {
        if (candidates.size() == MAX_CANDIDATES) {
          throw LoadException.invalid("Too many places of the device state look like its end");
        }
        candidates.add(scanned);
      }
    }
    for (int i = 0; i < candidates.size(); i++) {
      int eof = candidates.get(i);
      if (eof >= 0 && jsonEnd(view, eof) <= length) {
        candidates.set(i, -1);
        Optional<DeviceSections> devices = described(view, eof);
        if (devices.isPresent()) {
          return devices;
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isCandidate(SectionBytes view, int at) {
    return view.at(at) == SectionType.EOF
        && view.at(at + 1) == SectionType.VM_DESCRIPTION
        && view.at(at + BEFORE_JSON) == '{'
        && view.intAt(at + 2) > 0
        && view.intAt(at + 2) <= MAX_DESCRIPTION;
  }

  private static long jsonEnd(SectionBytes view, int eof) {
    return (long) eof + BEFORE_JSON + view.intAt(eof + 2);
  }

  private Optional<DeviceSections> described(SectionBytes view, int eof) {
    int jsonLength = view.intAt(eof + 2);
    Optional<ImmutableList<DescribedDevice>> devices =
        DescribedDevice.parseAll(bytes, eof + BEFORE_JSON, jsonLength);
    if (devices.isEmpty()) {
      return Optional.empty();
    }
    DescribedFraming framing = new DescribedFraming(view, eof, footers, devices.get(), searches);
    Optional<ImmutableList<DeviceSection>> sections = framing.cut(base);
    if (sections.isEmpty()) {
      failure = framing.failure();
      return Optional.empty();
    }
    return Optional.of(
        new DeviceSections(
            sections.get(),
            view.slice(0, eof),
            Optional.of(view.slice(eof + BEFORE_JSON, jsonLength))));
  }

  /** A machine with suppress-vmdesc sends no description: the footers alone must do. */
  private DeviceSections undescribedDevices() throws LoadException {
    if (!footers) {
      throw LoadException.invalid(
          "The stream has neither footers nor a description, so nobody can tell how long the state"
              + " of its devices is");
    }
    SectionBytes view = new SectionBytes(bytes, length);
    int end = length - 1;
    while (end >= 0 && !isPossibleEnd(view, end)) {
      end--;
    }
    if (end < 0) {
      throw LoadException.of(LoadException.Kind.IO, "The stream ends within its device state");
    }
    FooterFraming framing = new FooterFraming(view, end);
    return switch (framing.possibleCuts()) {
      case 0 ->
          throw LoadException.of(LoadException.Kind.IO, "The stream ends within its device state");
      case 1 -> new DeviceSections(framing.sections(base), view.slice(0, end), Optional.empty());
      default ->
          throw LoadException.invalid(
              "The stream has no description, and its footers leave more than one way to tell its"
                  + " device sections apart");
    };
  }

  /** The last footer with EOF behind it; what follows belongs to nobody. */
  private static boolean isPossibleEnd(SectionBytes view, int at) {
    return view.at(at) == SectionType.EOF && view.isFooter(at - SectionBytes.FOOTER_LENGTH);
  }
}
