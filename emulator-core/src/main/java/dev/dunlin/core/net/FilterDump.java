package dev.dunlin.core.net;

import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.loop.Clock;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.net.frame.FramePort;
import dev.dunlin.core.net.frame.PcapTap;
import dev.dunlin.core.posix.OpenFile;
import dev.dunlin.core.posix.PosixException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code -object filter-dump}: writes what its netdev sends and gets into a file (net/dump.c).
 *
 * <p>Frames are recorded on the thread that carries them. That is one, except for a hub's port
 * whose hub was joined to others while it ran; only for those is there a lock.
 */
final class FilterDump {
  private final FilterSpec spec;
  private final PcapTap tap;

  private FilterDump(FilterSpec spec, PcapTap tap) {
    this.spec = spec;
    this.tap = tap;
  }

  /** Empties the file, or makes it. */
  static FilterDump open(FilterSpec spec, Clock clock) throws OptionException {
    try {
      // For the errno that QEMU's sentence ends with; NIO keeps it to itself.
      OpenFile.forWriting(spec.file(), false).close();
      FileChannel file = FileChannel.open(Path.of(spec.file()), StandardOpenOption.WRITE);
      return new FilterDump(spec, new PcapTap(file, clock, spec.snapLength()));
    } catch (PosixException e) {
      throw cannotOpen(spec, e.errorText());
    } catch (IOException e) {
      throw cannotOpen(spec, String.valueOf(e.getMessage()));
    }
  }

  private static OptionException cannotOpen(FilterSpec spec, String reason) {
    return new OptionException("net dump: can't open " + spec.file() + ": " + reason);
  }

  FilterSpec spec() {
    return spec;
  }

  /** As {@code info network} shows it. */
  String line() {
    return spec.line();
  }

  /** A port that records what its netdev sends. */
  FramePort ofSent(FramePort next) {
    return spec.isOn() && !spec.queue().equals("rx") ? before(next) : next;
  }

  /** A port that records what its netdev gets. */
  FramePort ofReceived(FramePort next) {
    return spec.isOn() && !spec.queue().equals("tx") ? before(next) : next;
  }

  private FramePort before(FramePort next) {
    return frame -> {
      record(frame);
      next.send(frame);
    };
  }

  private synchronized void record(Frame frame) {
    tap.record(frame);
  }

  synchronized void close() {
    tap.close();
  }
}
