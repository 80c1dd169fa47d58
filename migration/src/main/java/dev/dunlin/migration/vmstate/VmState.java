package dev.dunlin.migration.vmstate;

import com.google.common.collect.ImmutableList;
import dev.dunlin.migration.stream.JsonText;
import dev.dunlin.migration.stream.LoadException;
import dev.dunlin.migration.stream.SectionType;
import dev.dunlin.migration.stream.StreamInput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a device's state consists of, field by field: QEMU's VMStateDescription, with QEMU's bytes,
 * rules and words (QEMU migration/vmstate.c). Immutable; made by {@link #named}, used by a {@link
 * DescribedState} or as a struct or subsection of another description.
 *
 * @param <T> the object that has the fields
 */
public final class VmState<T> {
  private static final int MARK_AND_LENGTH = 2;

  private final String name;
  private final int version;
  private final int minimumVersion;
  private final ImmutableList<Step<T>> steps;
  private final ImmutableList<VmState<T>> subsections;
  private final Predicate<T> needed;
  private final StateHooks<T> hooks;

  VmState(
      String name,
      int version,
      int minimumVersion,
      ImmutableList<Step<T>> steps,
      ImmutableList<VmState<T>> subsections,
      Predicate<T> needed,
      StateHooks<T> hooks) {
    this.name = name;
    this.version = version;
    this.minimumVersion = minimumVersion;
    this.steps = steps;
    this.subsections = subsections;
    this.needed = needed;
    this.hooks = hooks;
  }

  /**
   * Begins a description.
   *
   * @param name at most 255 bytes; a subsection's is its owner's, a slash and a name
   * @param version the one that is written, and the newest that is read
   */
  public static <T> VmStateBuilder<T> named(String name, int version) {
    return new VmStateBuilder<>(name, version);
  }

  public String name() {
    return name;
  }

  public int version() {
    return version;
  }

  public int minimumVersion() {
    return minimumVersion;
  }

  /** Whether there is anything to save. */
  boolean isNeeded(T target) {
    return needed.test(target);
  }

  /** Whether every object of this description takes the same bytes. */
  boolean isUniform() {
    return subsections.isEmpty() && steps.stream().allMatch(Step::isUniform);
  }

  /** Describes itself in the object that the caller has begun. */
  void save(StateOutput out, T target) throws StateException {
    try {
      hooks.preSave().accept(target);
    } catch (StateException e) {
      throw e.within("pre-save failed: " + name);
    }
    out.describe(
        json -> {
          json.name("vmsd_name").value(name).name("version").value(version);
          json.name("fields").beginArray();
        });
    for (Step<T> step : steps) {
      step.save(out, target, version, name);
    }
    out.describe(JsonText::endArray);
    saveSubsections(out, target);
  }

  private void saveSubsections(StateOutput out, T target) throws StateException {
    boolean any = false;
    for (VmState<T> subsection : subsections) {
      if (subsection.isNeeded(target)) {
        if (!any) {
          out.describe(json -> json.name("subsections").beginArray());
          any = true;
        }
        out.describe(JsonText::beginObject);
        byte[] bytes = subsection.name.getBytes(StandardCharsets.UTF_8);
        out.putByte(SectionType.SUBSECTION);
        out.putByte(bytes.length);
        out.put(bytes);
        out.put(IntType.UINT32, subsection.version);
        subsection.save(out, target);
        out.describe(JsonText::endObject);
      }
    }
    if (any) {
      out.describe(JsonText::endArray);
    }
  }

  /**
   * Reads fields of version {@code received} into {@code target}, which nobody else uses yet: when
   * this throws, it is worth nothing.
   */
  void load(StreamInput in, T target, int received) throws LoadException {
    checkVersion(received);
    hooks.preLoad().accept(target);
    for (Step<T> step : steps) {
      step.load(in, target, received, name);
    }
    loadSubsections(in, target);
    try {
      hooks.postLoad().accept(target, received);
    } catch (StateException e) {
      throw LoadException.invalid(String.valueOf(e.getMessage()));
    }
  }

  private void checkVersion(int received) throws LoadException {
    if (received > version) {
      throw LoadException.invalid(
          "%s: incoming version_id %d is too new for local version_id %d"
              .formatted(name, received, version));
    }
    if (received < minimumVersion) {
      throw LoadException.invalid(
          "%s: incoming version_id %d is too old for local minimum version_id  %d"
              .formatted(name, received, minimumVersion));
    }
  }

  /** What isn't a subsection of this description is left to whoever reads next, as in QEMU. */
  private void loadSubsections(StreamInput in, T target) throws LoadException {
    Set<String> seen = new HashSet<>();
    while (true) {
      Optional<String> idstr = subsectionAhead(in);
      if (idstr.isEmpty()) {
        return;
      }
      VmState<T> subsection =
          subsections.stream()
              .filter(known -> known.name.equals(idstr.get()))
              .findFirst()
              .orElseThrow(() -> LoadException.of(LoadException.Kind.NOT_FOUND));
      if (!seen.add(idstr.get())) {
        // QEMU loads it again, as often as it comes, into lists that grow each time.
        throw LoadException.invalid("%s: comes twice".formatted(idstr.get()));
      }
      in.getByte();
      in.getCounted();
      subsection.load(in, target, in.getInt());
    }
  }

  private Optional<String> subsectionAhead(StreamInput in) {
    if (!in.peekByte().equals(OptionalInt.of(SectionType.SUBSECTION))) {
      return Optional.empty();
    }
    ByteBuffer start = in.peek(MARK_AND_LENGTH);
    int length = start.remaining() < MARK_AND_LENGTH ? 0 : start.get(1) & 0xff;
    ByteBuffer whole = in.peek(MARK_AND_LENGTH + length);
    if (whole.remaining() < MARK_AND_LENGTH + length) {
      return Optional.empty();
    }
    byte[] bytes = new byte[length];
    whole.get(MARK_AND_LENGTH, bytes);
    String idstr = new String(bytes, StandardCharsets.UTF_8);
    return idstr.length() > name.length() && idstr.startsWith(name)
        ? Optional.of(idstr)
        : Optional.empty();
  }
}
