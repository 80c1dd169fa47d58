package dev.dunlin.migration.vmstate;

import dev.dunlin.migration.stream.JsonText;
import dev.dunlin.migration.stream.VmDescription;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A device whose state is described by a {@link VmState}, as a section of the stream. Immutable:
 * each {@code with} answers with a changed copy.
 *
 * <p>A stream is loaded into an object that {@code fresh} makes and nobody else sees; {@code apply}
 * hands it to the device when all of the stream was good. So a device is either all old or all new.
 *
 * @param <T> the object that has the fields
 */
public final class DescribedState<T> implements StateEntry {
  private final VmState<T> state;
  private final String idstr;
  private final int instance;
  private final int priority;
  private final Supplier<T> live;
  private final Supplier<T> fresh;
  private final Consumer<T> apply;
  private final Runnable afterLoad;

  private DescribedState(
      VmState<T> state,
      String idstr,
      int instance,
      int priority,
      Supplier<T> live,
      Supplier<T> fresh,
      Consumer<T> apply,
      Runnable afterLoad) {
    this.state = state;
    this.idstr = idstr;
    this.instance = instance;
    this.priority = priority;
    this.live = live;
    this.fresh = fresh;
    this.apply = apply;
    this.afterLoad = afterLoad;
  }

  /**
   * The section's name is the description's, its instance and priority are 0.
   *
   * @param live what is saved; asked at a safepoint
   * @param fresh a new object as after a reset, configured as the live one; on the thread of the
   *     incoming migration
   * @param apply makes a loaded object the live one; at a safepoint, must not fail
   */
  public static <T> DescribedState<T> of(
      VmState<T> state, Supplier<T> live, Supplier<T> fresh, Consumer<T> apply) {
    return new DescribedState<>(state, state.name(), 0, 0, live, fresh, apply, () -> {});
  }

  /** Another name for the section than the description's, as QEMU's {@code 0000:00:02.0/vga}. */
  public DescribedState<T> withIdstr(String name) {
    return new DescribedState<>(state, name, instance, priority, live, fresh, apply, afterLoad);
  }

  /** Tells apart several devices of one name. */
  public DescribedState<T> withInstance(int number) {
    return new DescribedState<>(state, idstr, number, priority, live, fresh, apply, afterLoad);
  }

  /** Higher is saved, loaded and applied earlier; QEMU gives buses more than their devices. */
  public DescribedState<T> withPriority(int rank) {
    return new DescribedState<>(state, idstr, instance, rank, live, fresh, apply, afterLoad);
  }

  /** RAM and all devices are in place: drop caches, hook callbacks again. At a safepoint. */
  public DescribedState<T> withAfterLoad(Runnable action) {
    return new DescribedState<>(state, idstr, instance, priority, live, fresh, apply, action);
  }

  @Override
  public String idstr() {
    return idstr;
  }

  @Override
  public int instance() {
    return instance;
  }

  @Override
  public int version() {
    return state.version();
  }

  @Override
  public int priority() {
    return priority;
  }

  @Override
  public Optional<Content> save() throws StateException {
    T now = live.get();
    if (!state.isNeeded(now)) {
      return Optional.empty();
    }
    JsonText json = VmDescription.device(idstr, instance);
    StateOutput out = new StateOutput(json);
    state.save(out, now);
    return Optional.of(new Content(out.bytes(), json.endObject().toString()));
  }

  @Override
  public Staged stage() {
    return new Staged(
        this,
        (in, version) -> {
          T loaded = fresh.get();
          state.load(in, loaded, version);
          return () -> apply.accept(loaded);
        });
  }

  @Override
  public void afterLoad() {
    afterLoad.run();
  }
}
