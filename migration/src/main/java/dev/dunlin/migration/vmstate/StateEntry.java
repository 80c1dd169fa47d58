package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionLoader;
import dev.dunlin.migration.stream.StreamInput;
import java.util.Optional;

/**
 * One FULL section of a machine's state, known by its name and instance: QEMU's SaveStateEntry. It
 * is a {@link DescribedState} or an {@link OpaqueState}.
 *
 * <p>Loading is staged: {@link #stage} makes what reads the section and keeps what it read; {@link
 * Staged#apply} puts it in place, once the whole stream was found good.
 */
public interface StateEntry {
  /** The largest section that is saved or accepted, in bytes. */
  int MAX_STATE = 64 << 20;

  /** Unique together with {@link #instance}; 1 to 255 bytes. */
  String idstr();

  int instance();

  int version();

  /** Those of higher priority are saved, and so loaded and applied, before the others. */
  int priority();

  /** The state now, or nothing when there is none to save. At a safepoint. */
  Optional<Content> save() throws StateException;

  /** What reads one stream's section of this state. */
  Staged stage();

  /** RAM and all devices are in place. At a safepoint. */
  void afterLoad();

  /**
   * What a section holds.
   *
   * @param description the device's JSON object in the vmdescription
   */
  record Content(byte[] bytes, String description) {}

  /** What one stream says of this state. */
  final class Staged implements SectionLoader {
    private final StateEntry entry;
    private final Reader reader;
    private Optional<Runnable> loaded = Optional.empty();

    Staged(StateEntry entry, Reader reader) {
      this.entry = entry;
      this.reader = reader;
    }

    /** Reads the content and answers with what applies it. */
    interface Reader {
      Runnable read(StreamInput in, int version) throws LoadException;
    }

    @Override
    public String idstr() {
      return entry.idstr();
    }

    @Override
    public int instance() {
      return entry.instance();
    }

    @Override
    public int version() {
      return entry.version();
    }

    /** A device's code that stumbles over a stranger's bytes refuses them, whatever it threw. */
    @Override
    public void load(StreamInput in, int version) throws LoadException {
      try {
        loaded = Optional.of(reader.read(in, version));
      } catch (RuntimeException e) {
        throw LoadException.invalid(idstr() + ": " + e);
      }
    }

    /** Applies what the stream brought, if it brought anything. At a safepoint. */
    public void apply() {
      loaded.ifPresent(Runnable::run);
    }
  }
}
